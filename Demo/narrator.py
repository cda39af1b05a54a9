"""Tells a story on the terminal: chapters, plain words, and commands with what they print."""

import os
import shlex
import subprocess
import sys
import textwrap
import time

WIDTH = 96


class Narrator:
    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.chapters = 0
        self.in_color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.begun = time.monotonic()

    def style(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.in_color else text

    def title(self, text):
        print(f"\n{self.style('1', text)}\n{'═' * len(text)}")

    def chapter(self, text):
        self.chapters += 1
        heading = f"{self.chapters}. {text}"
        print(f"\n{self.style('1;36', heading)}\n{self.style('36', '─' * len(heading))}")

    def say(self, text):
        """Words for the reader, as one paragraph."""
        print(textwrap.fill(" ".join(text.split()), WIDTH), flush=True)

    def good(self, text):
        """Something that was checked and holds."""
        text = textwrap.fill(f"✓ {' '.join(text.split())}", WIDTH, subsequent_indent="  ")
        print(self.style("32", text), flush=True)

    def run(self, *arguments):
        """Shows a tidemark command as it would be typed, and lets it print what it prints."""
        typed = " ".join(argument if "\n" not in argument and " " not in argument
                         else '"' + argument.strip() + '"' for argument in arguments)
        print(f"\n{self.style('1', '$ tidemark ' + typed)}", flush=True)
        result = subprocess.run(["tidemark", *arguments], cwd=self.folder, env=self.environment)
        if result.returncode != 0:
            raise RuntimeError(f"'tidemark {shlex.join(arguments)}' ended with code {result.returncode}")
        print(flush=True)

    def ask(self, *arguments):
        """What a tidemark command answers to a script."""
        result = subprocess.run(["tidemark", *arguments], cwd=self.folder, env=self.environment,
                                capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"'tidemark {shlex.join(arguments)}' ended with code "
                               f"{result.returncode}:\n{result.stderr}")
        return result.stdout

    def seconds(self):
        return time.monotonic() - self.begun
