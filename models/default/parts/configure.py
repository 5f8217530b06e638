"""Sets keys of a model's config.json.

    configure.py FOLDER KEY=VALUE...

VALUE is JSON: configure.py model match_layers=1 rerank=true
"""

import json
import pathlib
import sys


def main():
    folder, *settings = sys.argv[1:]
    path = pathlib.Path(folder) / "config.json"
    config = json.loads(path.read_text("utf-8"))
    for setting in settings:
        key, _, value = setting.partition("=")
        config[key] = json.loads(value)
    path.write_text(json.dumps(config, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
