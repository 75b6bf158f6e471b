"""``python -m urban_resilience`` is the command ``urban-resilience``."""

from urban_resilience.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
