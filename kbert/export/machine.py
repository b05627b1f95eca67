"""The machine that a report's times were measured on."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, str | int]:
    """`processor` (its name), `cores` and `system`."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    # platform.processor() is empty on most Linux systems, and ARM kernels name no model.
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text("utf-8").splitlines() if facts.is_file() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
