"""`python -m hangerd.cli` is `hangerctl`."""

from hangerd.cli import main

if __name__ == "__main__":
    main()
