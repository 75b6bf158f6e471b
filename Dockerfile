# One refresh per run, as a user without rights; see docs/operations.md.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home warehouse \
    && install --directory --owner=warehouse /srv/urban_resilience /srv/urban_resilience/warehouse

USER warehouse
WORKDIR /srv/urban_resilience

# The packages in a layer of their own: code changes more often than they do.
COPY --chown=warehouse Makefile pyproject.toml requirements-user.lock README.md LICENSE ./
COPY --chown=warehouse src/urban_resilience/__init__.py src/urban_resilience/__init__.py
RUN make install

COPY --chown=warehouse . .
# The files just copied are newer than the mark of the installation.
RUN touch .venv/installed && .venv/bin/python -m compileall -q src

VOLUME /srv/urban_resilience/warehouse
CMD ["make", "refresh"]
