"""Tables and a drawing of what `parquet.py` has measured."""

PEERS = ["pyarrow", "duckdb", "polars"]
NAMES = {"tidemark": "Tidemark", "pyarrow": "pyarrow", "duckdb": "DuckDB", "polars": "polars"}
COLOURS = {"tidemark": "own", "pyarrow": "a", "duckdb": "b", "polars": "c"}


def rate(row, engine, what):
    """MB/s of column bytes; None where the engine failed."""
    found = row["engines"][engine]
    return None if "error" in found else row["column_bytes"] / 1e6 / found[f"{what}_seconds"]


def size(row, engine):
    found = row["engines"][engine]
    return None if "error" in found else found["file_bytes"] / 1e6


def best_peer(row, what):
    """The rate of the fastest peer and its name."""
    return max((rate(row, peer, what) or 0, peer) for peer in PEERS)


def smallest_peer(row):
    return min((size(row, peer) or float("inf"), peer) for peer in PEERS)


def shortfalls(row):
    """Where Tidemark is below the best peer, in words."""
    found = []
    for what in ("write", "read"):
        best, peer = best_peer(row, what)
        ratio = rate(row, "tidemark", what) / best
        if ratio < 1:
            found.append(f"{what} {ratio:.2f} × {NAMES[peer]}")
    least, peer = smallest_peer(row)
    if size(row, "tidemark") > least:
        found.append(f"size {size(row, 'tidemark') / least:.2f} × {NAMES[peer]}")
    return found


def title(row):
    return (f"{row['table']}, {row['row_group_rows']:,} rows a group, {codec(row)}, "
            f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}")


def codec(row):
    return row["codec"] + (f" {row['level']}" if row["level"] is not None else "")


def number(value, digits=0):
    return "failed" if value is None else f"{value:,.{digits}f}"


HEADER = (f"{'table':9} {'rows/group':>10} {'codec':7} {'thr':>3}  "
          f"{'write MB/s':>10} {'pyarrow':>8} {'DuckDB':>8} {'polars':>8} {'×best':>6} {'×polars':>7}  "
          f"{'read MB/s':>9} {'pyarrow':>8} {'DuckDB':>8} {'polars':>8} {'×best':>6} {'×polars':>7}  "
          f"{'size MB':>8} {'pyarrow':>8} {'DuckDB':>8} {'polars':>8}")


def ratio(row, what, peer=None):
    other = best_peer(row, what)[0] if peer is None else rate(row, peer, what)
    return rate(row, "tidemark", what) / other if other else None


def show(rows):
    """Prints rows as they come; those below a peer are flagged."""
    print(HEADER, flush=True)
    for row in rows:
        line = f"{row['table']:9} {row['row_group_rows']:10,} {codec(row):7} {row['threads']:3}  "
        for what, width in (("write", 10), ("read", 9)):
            line += f"{number(rate(row, 'tidemark', what)):>{width}} "
            line += " ".join(f"{number(rate(row, peer, what)):>8}" for peer in PEERS)
            line += f" {number(ratio(row, what), 2):>6} {number(ratio(row, what, 'polars'), 2):>7}  "
        line += f"{number(size(row, 'tidemark'), 1):>8} "
        line += " ".join(f"{number(size(row, peer), 1):>8}" for peer in PEERS)
        below = shortfalls(row)
        print(line + (f"  ◀ {', '.join(below)}" if below else ""), flush=True)


def show_rest(found):
    print()
    for line in rest(found):
        print(line)


def rest(found):
    """Footers and memory in sentences."""
    lines = []
    if "footer" in found:
        footer = found["footer"]
        times = footer["pyarrow_seconds"] / footer["tidemark_seconds"]
        lines.append(f"One of {footer['columns']:,} columns: Tidemark {footer['tidemark_seconds'] * 1e3:.1f} ms, "
                     f"pyarrow {footer['pyarrow_seconds'] * 1e3:.1f} ms ({times:.1f} ×).")
    for row in found.get("memory", []):
        lines.append(f"Rewriting {row['rows']:,} rows ({row['file_bytes'] / 1e6:,.0f} MB)"
                     f"{', sorted' if row['sorted'] else ''}, --memory 256MB: peak "
                     f"{row['peak_bytes'] / 1e6:,.0f} MB, {row['seconds']:.1f} s.")
    return lines


def against(row, what):
    """Tidemark's rate and the best peer's."""
    best, peer = best_peer(row, what)
    return f"**{number(rate(row, 'tidemark', what))}** ({NAMES[peer]} {number(best)})"


def markdown(found):
    """What the README shows: a row for each table, codec and number of threads."""
    rows = [row for row in found["rows"] if row["row_group_rows"] == 122_880] or found["rows"]
    lines = [f"`make bench-parquet`, one run on {found['cores']} cores, beside pyarrow, DuckDB and "
             "polars: MB/s of the columns' bytes as Arrow holds them, beside the fastest of the "
             "three, and sizes in MB beside the smallest. Row groups of 122,880 rows, pages of "
             "1 MiB, memory-backed. Only ratios carry over to another machine.", "",
             "| | codec | threads | write | read | size |", "|---|---|---:|---|---|---|"]
    for row in rows:
        least, peer = smallest_peer(row)
        lines.append(
            f"| {row['table']} | {codec(row)} | {row['threads']} | {against(row, 'write')} | "
            f"{against(row, 'read')} | **{number(size(row, 'tidemark'), 1)}** ({NAMES[peer]} "
            f"{number(least, 1)}) |")
    return "\n".join(lines + [""] + rest(found))


def full_markdown(found):
    """Every row, and what is below a peer."""
    lines = [f"# Parquet, {found['date']}", "",
             f"{found['cores']} cores, scale {found['scale']:g}, profile {found['profile']}.", "",
             "| table | rows a group | codec | threads | write MB/s | × best | × polars | read MB/s | "
             "× best | × polars | size MB | × least | below |", "|---|---:|---|---:|" + "---:|" * 8 + "---|"]
    for row in found["rows"]:
        least = smallest_peer(row)[0]
        lines.append(
            f"| {row['table']} | {row['row_group_rows']:,} | {codec(row)} | {row['threads']} | "
            + " | ".join(f"{number(rate(row, 'tidemark', what))} | {number(ratio(row, what), 2)} | "
                         f"{number(ratio(row, what, 'polars'), 2)}" for what in ("write", "read"))
            + f" | {number(size(row, 'tidemark'), 1)} | {size(row, 'tidemark') / least:.2f} | "
            + ", ".join(shortfalls(row)) + " |")
    lines += [""] + rest(found)
    errors = [f"- {title(row)}: {NAMES[engine]}: {answer['error']}" for row in found["rows"]
              for engine, answer in row["engines"].items() if "error" in answer]
    if errors:
        lines += ["", "Failed:", "", *errors]
    if "kernels" in found:
        lines += ["", "| kernel | ns a value | reference | × |", "|---|---:|---:|---:|"]
        lines += [f"| {k['kernel']} | {k['ns']:.2f} | {k['reference_ns']:.2f} | "
                  f"{k['reference_ns'] / k['ns']:.1f} |" for k in found["kernels"]]
    return "\n".join(lines) + "\n"


STYLE = """
  .paper { fill: #ffffff } .text { fill: #1f2328 } .dim { fill: #59636e }
  .own { fill: #0f6fb3 } .a { fill: #9aa5b1 } .b { fill: #c9a54a } .c { fill: #b0641c }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .text { fill: #e6edf3 } .dim { fill: #9da7b1 }
    .own { fill: #4aa3e0 } .a { fill: #75808c } .b { fill: #c9ab5f } .c { fill: #dd9447 }
  }
"""


def svg(found):
    """Bars of writing, reading and sizes for each row with 122,880 rows a group."""
    rows = [row for row in found["rows"] if row["row_group_rows"] == 122_880] or found["rows"]
    engines = ["tidemark", *PEERS]
    label, panel, bar, gap = 190, 250, 11, 14
    parts, y = [], 70
    for x, engine in zip((16, 106, 196, 286), engines):
        parts.append(f'<rect class="{COLOURS[engine]}" x="{x}" y="20" width="12" height="12" rx="2"/>'
                     f'<text class="text" x="{x + 17}" y="31" font-size="13">{NAMES[engine]}</text>')
    for index, name in enumerate(("write, MB/s", "read, MB/s", "size, MB")):
        parts.append(f'<text class="dim" x="{label + index * (panel + 16)}" y="58" '
                     f'font-size="12">{name}</text>')
    for row in rows:
        parts.append(f'<text class="text" x="16" y="{y + 20}" font-size="13">{row["table"]}</text>'
                     f'<text class="dim" x="16" y="{y + 36}" font-size="12">{codec(row)}, '
                     f'{row["threads"]} thr</text>')
        for index, what in enumerate(("write", "read", "size")):
            values = [size(row, e) if what == "size" else rate(row, e, what) for e in engines]
            most = max(value or 0 for value in values) or 1
            x = label + index * (panel + 16)
            for place, (engine, value) in enumerate(zip(engines, values)):
                top = y + place * (bar + 1)
                length = max(1, (panel - 56) * (value or 0) / most)
                parts.append(
                    f'<rect class="{COLOURS[engine]}" x="{x}" y="{top}" width="{length:.1f}" '
                    f'height="{bar}" rx="2"/><text class="text" x="{x + length + 4:.1f}" '
                    f'y="{top + 9}" font-size="10">{number(value, 1 if what == "size" else 0)}</text>')
        y += 4 * (bar + 1) + gap
    width, height = label + 3 * (panel + 16), y + 10
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="system-ui, sans-serif">\n<style>{STYLE}</style>\n'
            f'<rect class="paper" width="100%" height="100%"/>\n' + "\n".join(parts) + "\n</svg>\n")
