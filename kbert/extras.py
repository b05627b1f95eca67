"""Optional packages: imported where they are needed, answered by their install line where they are missing."""

import importlib
from types import ModuleType

from kbert.errors import InputError


def require(module: str, *, extra: str) -> ModuleType:
    """Imports an optional module.

    Raises:
        InputError: the module is not installed; names the extra of kbert that brings it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise InputError(
            f"this needs the package {module}, which is not installed: pip install 'kbert[{extra}]'"
        ) from None
