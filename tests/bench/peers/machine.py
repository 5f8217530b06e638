"""What the figures were measured on."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

# Asked of PEERS_PYTHON, which need not be the Python of this program.
VERSIONS = """
import importlib.metadata, json, sys
names = ["torch", "transformers", "sentence-transformers", "faiss-cpu", "pillow"]
found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
print(json.dumps({"Python": sys.version.split()[0], **{n: found[n] for n in names if n in found}}))
"""


def field(path, name):
    found = re.search(rf"^{name}\s*:\s*(.+)$", pathlib.Path(path).read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def vector_extensions():
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    flags = field("/proc/cpuinfo", "flags").split()
    return [flag for flag in wanted if flag in flags]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def describe(tandem, python, threads):
    versions = {"Tandem": output(tandem, "--version").split()[-1], **json.loads(output(python, "-c", VERSIONS))}
    return {"processor": field("/proc/cpuinfo", "model name"), "extensions": vector_extensions(),
            "cores": os.cpu_count(), "threads": threads,
            "memory": f"{int(field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
            "system": platform.freedesktop_os_release()["PRETTY_NAME"] + ", Linux " + platform.release(),
            "date": datetime.date.today().isoformat(),
            "versions": versions}


def as_text(machine, libtorch):
    versions = {**machine["versions"], "LibTorch": libtorch}
    return "\n".join([
        f"- {machine['processor']}, {machine['cores']} cores ({', '.join(machine['extensions'])}), "
        f"{machine['memory']} of memory; {machine['system']}",
        f"- {machine['threads']} threads for every program",
        f"- {machine['date']}; " + ", ".join(f"{name} {version}" for name, version in versions.items())])
