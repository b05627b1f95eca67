"""Makes TensorFlow Lite's native library for Android (x86_64) loadable in a JVM on Linux, to run the real LiteRT path.

The library is the archive's own, bit for bit, but for its dynamic section: it needs Android's C library by name and
version, and most of what it calls glibc has under the same name and in the same form. What differs is renamed, to names
of the same length that a shim defines. For tests only: nobody promises that the two C libraries agree further.
"""

import struct
import subprocess
import zipfile
from pathlib import Path

LIBRARY = "libtensorflowlite_jni.so"
RENAMED = {
    "fprintf": "xfprint",
    "vfprintf": "xvfprint",
    "fputc": "xfput",
    "fflush": "xfflus",
    "fileno": "xfilen",
    "fwrite": "xfwrit",
    "sysconf": "xsyscon",
}
NULL, NEEDED, STRINGS, SYMBOLS = 0, 1, 5, 6
VERSIONS, VERSION_TABLES = 0x6FFFFFF0, range(0x6FFFFFFC, 0x70000000)
ENTRY, SYMBOL, SEGMENT = struct.Struct("<QQ"), struct.Struct("<IBBHQQ"), struct.Struct("<IIQQQQQQ")


def make(archive: Path, folder: Path, compiler: str) -> dict[str, str]:
    """Writes the library and the shim; the environment that a JVM finds them by."""
    with zipfile.ZipFile(archive) as aar:
        library = bytearray(aar.read(f"jni/x86_64/{LIBRARY}"))
    _patch(library)
    (folder / LIBRARY).write_bytes(library)
    shim = folder / "android_shim.so"
    source = Path(__file__).with_name("android_shim.c")
    libraries = ["-Wl,--no-as-needed", "-lm", "-ldl", "-lpthread"]
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-w", "-o", shim, source, *libraries], check=True)
    return {"LD_PRELOAD": str(shim), "LD_LIBRARY_PATH": str(folder), "KBERT_ANDROID_LIBRARY": str(folder / LIBRARY)}


def _patch(library: bytearray) -> None:
    start, count = struct.unpack_from("<Q", library, 32)[0], struct.unpack_from("<H", library, 56)[0]
    segments = [SEGMENT.unpack_from(library, start + SEGMENT.size * i) for i in range(count)]

    def offset(address: int) -> int:
        return next(s[2] + address - s[3] for s in segments if s[0] == 1 and s[3] <= address < s[3] + s[5])

    place = next(s[2] for s in segments if s[0] == 2)
    entries = []
    while not entries or entries[-1][0] != NULL:
        entries.append(ENTRY.unpack_from(library, place + ENTRY.size * len(entries)))
    tables = dict(entries)
    gone = {NULL, NEEDED, VERSIONS, *VERSION_TABLES}
    kept = [entry for entry in entries if entry[0] not in gone]
    for number, entry in enumerate([*kept, *[(NULL, 0)] * (len(entries) - len(kept))]):
        ENTRY.pack_into(library, place + ENTRY.size * number, *entry)
    symbols, strings = offset(tables[SYMBOLS]), offset(tables[STRINGS])
    for at in range(symbols, offset(tables[VERSIONS]) - SYMBOL.size + 1, SYMBOL.size):
        name_at, _, _, section, _, _ = SYMBOL.unpack_from(library, at)
        begin = strings + name_at
        end = library.index(0, begin)
        name = library[begin:end].decode("latin-1")
        if name_at and not section and name in RENAMED:
            library[begin:end] = RENAMED[name].encode()
