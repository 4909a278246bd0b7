"""The command `gibbsgap`, as `python -m compare`."""

from compare.command_line import main

if __name__ == "__main__":
    main()
