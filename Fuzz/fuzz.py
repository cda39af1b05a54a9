"""Runs the Parquet module under libFuzzer and AddressSanitizer; ends with 1 when anything was found.

    make fuzz [FUZZ_SECONDS=600] [TARGET=page]

What was tried is kept in .build-fuzz/corpus and gone on with the next time; an input that stops a
run is kept in .build-fuzz/found. To see one again:

    FUZZ_TARGET=page .build-fuzz/release/parquet-fuzz .build-fuzz/found/page-crash-…
"""

import argparse
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import seeds

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build-fuzz"
TARGETS = ["file", "page", "metadata", "predicates", "kernels", "variant"]

# The targets read with a budget of 8 MB; what lies above is the fuzzer's own and the sanitizer's.
LIMITS = ["-rss_limit_mb=2048", "-malloc_limit_mb=64", "-timeout=10", "-max_len=65536"]


def build():
    """Builds the fuzzer and returns its path."""
    command = ["swift", "build", "--package-path", str(ROOT / "Fuzz"), "--scratch-path", str(BUILD),
               # --sanitize sets the entry point right. Given twice, its values come in an order by
               # chance and only the last counts; so what the compilers get follows.
               "-c", "release", "--sanitize", "fuzzer", "-Xswiftc", "-sanitize=fuzzer,address",
               "-Xcc", "-fsanitize=fuzzer-no-link,address",
               # The targets reach into the module; asserts stay in.
               "-Xswiftc", "-enable-testing", "-Xswiftc", "-assert-config", "-Xswiftc", "Debug",
               "--product", "parquet-fuzz"]
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode:
        sys.exit(f"the fuzzer does not build:\n{outcome.stdout}\n{outcome.stderr}")
    return BUILD / "release" / "parquet-fuzz"


def environment(target, **more):
    # At the end of the process much of Swift's runtime is still allocated: no leak is looked for.
    # The sanitizer shows where a trap was; two crash handlers stand in each other's way.
    return os.environ | {"FUZZ_TARGET": target, "ASAN_OPTIONS": "detect_leaks=0",
                         "SWIFT_BACKTRACE": "enable=no"} | more


def seed(binary, target, files, corpus):
    """Fills an empty corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    if any(corpus.iterdir()):
        return
    for folder in files:
        made = corpus.parent / f"{target}-seeds"
        made.mkdir()
        subprocess.run([binary], check=True, stdout=subprocess.DEVNULL,
                       env=environment(target, FUZZ_SEEDS_FROM=str(folder), FUZZ_SEEDS_TO=str(made)))
        for path in made.iterdir():
            path.rename(corpus / f"{folder.name}-{path.name}")
        made.rmdir()


def run(binary, target, corpus, found, seconds, number):
    """Runs one target; returns whether it went through, and what it said."""
    found.mkdir(parents=True, exist_ok=True)
    outcome = subprocess.run(
        [binary, *LIMITS, f"-max_total_time={seconds}", f"-seed={number}", "-print_final_stats=1",
         f"-artifact_prefix={found}/{target}-", str(corpus)],
        env=environment(target), capture_output=True, text=True, errors="replace")
    return outcome.returncode == 0, outcome.stderr


def summary(target, good, log):
    counts = [line.split()[1] for line in log.splitlines() if line.startswith("stat::number_of_ex")]
    cover = [line.split("cov: ")[1].split()[0] for line in log.splitlines() if "cov: " in line]
    words = f"{target}: {counts[-1] if counts else 0} inputs, {cover[-1] if cover else 0} edges"
    if good:
        return words
    end = log.splitlines()[-60:]
    return "\n".join([words, "  FOUND:"] + ["  " + line[:200] for line in end])


def fuzz(targets, seconds, corpus, found, jobs, number=0, files=()):
    """Builds, seeds and runs; returns the targets that found something, and prints what."""
    binary = build()
    waiting, failed, lock = list(targets), [], threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                target = waiting.pop(0)
            seed(binary, target, files, corpus / target)
            good, log = run(binary, target, corpus / target, found, seconds, number)
            with lock:
                print(summary(target, good, log), flush=True)
                if not good:
                    failed.append(target)

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def main():
    parser = argparse.ArgumentParser(description="fuzz the Parquet module")
    parser.add_argument("--seconds", type=int, default=600, help="of all targets together")
    parser.add_argument("--target", choices=TARGETS, help="only this one")
    arguments = parser.parse_args()
    targets = [arguments.target] if arguments.target else TARGETS
    jobs = min(os.cpu_count() or 1, len(targets))
    made = BUILD / "seeds"
    shutil.rmtree(made, ignore_errors=True)
    files = [seeds.write_files(made)] + seeds.corpus_folders()
    rounds = -(-len(targets) // jobs)
    failed = fuzz(targets, max(1, arguments.seconds // rounds), BUILD / "corpus", BUILD / "found",
                  jobs, files=files)
    if failed:
        sys.exit(f"found something in: {', '.join(failed)}; the inputs are in {BUILD / 'found'}")


if __name__ == "__main__":
    main()
