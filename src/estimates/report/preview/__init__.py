"""A page on this machine that follows a model's files: what is saved is answered at once.

`director.py` looks at the files and hands out the work; `helper.py` is a process that does it, seen
from here, and `work.py` what it does; `board.py` holds what is known now, and `site.py` shows it to
whoever has the address.  Nothing is written: what is kept of earlier fits is read, no more.
"""
