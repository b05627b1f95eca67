#!/usr/bin/env bash
# Emulated 64-bit ARM: QEMU's user mode, Debian's Python for arm64, and the runtimes' own aarch64 wheels.
#
#   arm64.sh setup             build the environment, or finish what is missing of it
#   arm64.sh run ARGUMENT...   Python for arm64 with these arguments, such as a script and its arguments
#   arm64.sh compare FILE ...  an exported file on three cores and here; its options: arm64.sh compare --help
#   arm64.sh where             the folder of the environment
#
# No root, chroot or binfmt_misc. Environment variables:
#   KBERT_ARM64          the folder of the environment (default: kbert/arm64 in the user's cache)
#   KBERT_ARM64_CORE     the processor to emulate, one of `qemu-aarch64 -cpu help` (default: cortex-a76)
#   KBERT_DEBIAN_MIRROR  where Debian's packages are (default: as in this machine's apt configuration)
#   PYTHON               the Python whose versions of the runtimes are installed (default: python3)
set -euo pipefail

home=${KBERT_ARM64:-${XDG_CACHE_HOME:-$HOME/.cache}/kbert/arm64}
python=${PYTHON:-python3}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Debian 12 has Python 3.11. Its own QEMU, 7.2, computes some int8 products wrongly; backports has 10.
suite=bookworm
system="python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libc6 libstdc++6 libgcc-s1 zlib1g libexpat1
    libffi8 libbz2-1.0 liblzma5 libssl3"
runtimes="ai-edge-litert onnxruntime numpy"

fail() {
    echo "arm64.sh: $*" >&2
    exit 1
}

# Runs a command with its output in a log; if it fails, the last line that it said is the reason.
logged() {
    local what=$1
    shift
    "$@" >"$home/log" 2>&1 ||
        fail "$what failed ($(grep -E '^(E:|ERROR|error)' "$home/log" | head -1 || true)); all that it said is in $home/log"
}

check_machine() {
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "expected Linux on x86-64, this is $(uname -s) on $(uname -m)"
    local tool
    for tool in dpkg apt-get flock "$python"; do
        command -v "$tool" >/dev/null || fail "needs $tool, which is not on this machine"
    done
    "$python" -m pip --version >/dev/null 2>&1 || fail "needs pip in $(command -v "$python"): set PYTHON to another"
    [ -f "$keyring" ] || fail "needs $keyring, to check signatures: install the package debian-archive-keyring"
}

find_mirror() {
    local codename mirror
    codename=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME" || true)
    mirror=$(apt-get update --print-uris 2>/dev/null | sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p" | head -1)
    mirror=${KBERT_DEBIAN_MIRROR:-$mirror}
    [ -n "$mirror" ] || fail "found no mirror of Debian in this machine's apt configuration: set KBERT_DEBIAN_MIRROR"
    echo "$mirror"
}

# apt with its own lists, for arm64 beside amd64; proxies and certificates are those of this machine.
private_apt() {
    local apt=$home/apt
    apt-get -q -o Dir::Etc::sourcelist="$apt/sources" -o Dir::Etc::sourceparts=- -o Dir::State="$apt/state" \
        -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Architecture=amd64 \
        -o APT::Architectures=amd64,arm64 -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=2 -o Acquire::http::Timeout=30 \
        -o Acquire::https::Timeout=30 "$@"
}

update_lists() {
    local mirror part
    mirror=$(find_mirror)
    mkdir -p "$home/apt/state/lists/partial" "$home/apt/cache/archives/partial"
    : >"$home/apt/status"
    : >"$home/apt/sources"
    for part in "arm64 $suite" "arm64 $suite-updates" "amd64 $suite-backports"; do
        echo "deb [arch=${part% *} signed-by=$keyring] $mirror ${part#* } main" >>"$home/apt/sources"
    done
    echo "reading Debian's lists"
    # Without Error-Mode, apt goes on with what lists it has when a mirror does not answer.
    logged "reading the lists of $mirror" private_apt -o APT::Update::Error-Mode=any update
}

# Downloads packages and unpacks them into a folder, which takes its name only when it is whole.
unpack() {
    local target=$1 new=$home/.new package
    shift
    [ -n "${lists_read:-}" ] || update_lists
    lists_read=yes
    echo "downloading $*"
    mkdir -p "$home/debs"
    (cd "$home/debs" && logged "downloading Debian's packages" private_apt download "$@")
    rm -rf "$new"
    mkdir "$new"
    for package in "$@"; do
        package=${package%%[:/]*}
        dpkg -x "$(ls -t "$home/debs/${package}"_*.deb | head -1)" "$new" || fail "could not unpack $package"
    done
    mv "$new" "$target"
    rm -rf "$home/debs"
}

# The runtimes in the versions that $python has, so that a difference is one of processors and not of versions.
wanted_versions() {
    "$python" - $runtimes <<'PYTHON'
import importlib.metadata, sys
for name in sys.argv[1:]:
    try:
        print(f"{name}=={importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        print(name)
PYTHON
}

install_wheels() {
    local wanted platforms="" version
    wanted=$(wanted_versions)
    [ -f "$home/site/.versions" ] && [ "$(cat "$home/site/.versions")" = "$wanted" ] && return
    for version in 2_17 2_24 2_26 2_27 2_28 2_31 2_34 2_35; do
        platforms="$platforms --platform manylinux_${version}_aarch64"
    done
    echo "installing" $wanted
    rm -rf "$home/.new"
    # shellcheck disable=SC2086
    logged "installing aarch64 wheels" "$python" -m pip install --quiet --target "$home/.new" --only-binary=:all: \
        --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none $platforms \
        --platform manylinux2014_aarch64 $wanted
    echo "$wanted" >"$home/.new/.versions"
    rm -rf "$home/site"
    mv "$home/.new" "$home/site"
}

# Python for arm64. A PYTHONHOME would be that of this machine's Python.
emulated=(env -u PYTHONHOME PYTHONPATH="$home/site" PYTHONDONTWRITEBYTECODE=1 "$home/qemu/usr/bin/qemu-aarch64"
    -cpu "${KBERT_ARM64_CORE:-cortex-a76}" -L "$home/root" "$home/root/usr/bin/python3.11")

verify() {
    local said
    said=$("${emulated[@]}" -c '
import platform, numpy, onnxruntime
from ai_edge_litert.interpreter import Interpreter
assert (numpy.arange(64.0).reshape(8, 8) @ numpy.ones(8)).tolist() == [28.0 + 64.0 * i for i in range(8)]
print(platform.machine(), "Python", platform.python_version(), "ONNX Runtime", onnxruntime.__version__)' \
        2>"$home/log") || fail "Python for arm64 does not run ($(tail -1 "$home/log")): delete $home and set it up again"
    echo "$said" >"$home/.ready"
    echo "$said: ready in $home"
}

setup() {
    check_machine
    mkdir -p "$home" || fail "could not make $home"
    exec 9>"$home/.lock"
    flock -n 9 || { echo "waiting for another setup"; flock 9; }
    rm -f "$home/.ready"
    [ -x "$home/qemu/usr/bin/qemu-aarch64" ] || unpack "$home/qemu" "qemu-user:amd64/$suite-backports"
    # The package has forty other processors, 350 MB of them.
    find "$home/qemu" -type f ! -name qemu-aarch64 -delete
    # shellcheck disable=SC2046
    [ -x "$home/root/usr/bin/python3.11" ] || unpack "$home/root" $(printf '%s:arm64 ' $system)
    install_wheels
    rm -rf "$home/apt"
    verify
}

case ${1:-} in
setup) setup ;;
run)
    shift
    [ -f "$home/.ready" ] || fail "no environment in $home: make it with PYTHON=$python bash $0 setup"
    exec "${emulated[@]}" "$@"
    ;;
compare)
    shift
    exec "$python" -m kbert.export.arm64 "$@"
    ;;
where) echo "$home" ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
