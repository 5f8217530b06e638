"""Cells and tables in Markdown."""

import statistics


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value):
    """Three significant digits, without an exponent."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"


def median(results, seconds):
    """Of the seconds that `seconds` finds in each round's result."""
    return statistics.median(value for result in results for value in seconds(result))


def run_of(key, value):
    return lambda result: next(run["seconds"] for run in result["runs"] if run[key] == value)


def difference(first, second):
    return max(abs(a - b) for a, b in zip(first, second, strict=True))


def side_by_side(results, head, columns, shown, more=None):
    """A row for each contestant, and for each column its median, shown, and its ratio to that of the first row.

    `columns`: name to what finds the seconds in a result; `more`: name to what makes a cell of all its rounds.
    """
    more = more or {}
    base = {name: median(next(iter(results.values())), seconds) for name, seconds in columns.items()}
    rows = []
    for contestant, rounds in results.items():
        row = [contestant]
        for name, seconds in columns.items():
            value = median(rounds, seconds)
            row += [shown(name, value), f"×{value / base[name]:.2f}"]
        rows.append(row + [make(rounds) for make in more.values()])
    return table([head] + [cell for name in columns for cell in (name, "×")] + [*more], rows)


def milliseconds(_, seconds):
    return f"{number(seconds * 1e3)} ms"
