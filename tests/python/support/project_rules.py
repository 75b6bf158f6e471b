"""Rules of dbt-project-evaluator over a manifest: each gives the nodes that break it.

The package itself builds sixty models to ask this; a manifest answers it in a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Manifest = dict[str, Any]
LAYERS = ("staging", "intermediate", "gates", "marts", "estimates", "variables")
PREFIXES = {
    "staging": ("stg_", "base_"),
    "intermediate": ("int_",),
    "gates": ("dq_", "int_"),
    "marts": ("dim_", "fct_", "rpt_"),
    "estimates": ("est_", "int_"),
    "variables": ("int_",),
}
MAX_CHILDREN = 9
MAX_CHAINED_VIEWS = 4


def _models(manifest: Manifest) -> dict[str, dict]:
    return {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}


def _layer(node: dict) -> str:
    return next((layer for layer in LAYERS if layer in node["original_file_path"].split("/")), "")


def _parents(node: dict) -> list[str]:
    return node["depends_on"]["nodes"]


def _sources(node: dict) -> list[str]:
    return [name for name in _parents(node) if name.startswith("source.")]


def _children(manifest: Manifest) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {
        name: set() for name in (*_models(manifest), *manifest["sources"])
    }
    for name, model in _models(manifest).items():
        for parent in _parents(model):
            found.setdefault(parent, set()).add(name)
    return found


def direct_join_to_source(m: Manifest) -> list[str]:
    """A source is read together with a model: it is staged first."""
    return [
        n["name"] for n in _models(m).values()
        if _sources(n) and any(p.startswith("model.") for p in _parents(n))
    ]  # fmt: skip


def root_models(m: Manifest) -> list[str]:
    """A model that reads nothing has its data in its own text."""
    return [n["name"] for n in _models(m).values() if not _parents(n)]


def source_fanout(m: Manifest) -> list[str]:
    """A source is read by one model."""
    return [m["sources"][k]["name"] for k, c in _children(m).items()
            if k.startswith("source.") and len(c) > 1]  # fmt: skip


def model_fanout(m: Manifest) -> list[str]:
    """A model that very many others read."""
    models = _models(m)
    return [models[k]["name"] for k, c in _children(m).items()
            if k in models and len(c) > MAX_CHILDREN]  # fmt: skip


def multiple_sources_joined(m: Manifest) -> list[str]:
    """Two sources are joined before either is staged."""
    return [n["name"] for n in _models(m).values() if len(_sources(n)) > 1]


def staging_depends_on_downstream(m: Manifest) -> list[str]:
    """Staging reads what comes after it."""
    return _staging_on(m, lambda layer: layer != "staging")


def staging_depends_on_staging(m: Manifest) -> list[str]:
    """Staging reads staging."""
    return _staging_on(m, lambda layer: layer == "staging")


def _staging_on(m: Manifest, is_odd: Callable[[str], bool]) -> list[str]:
    models = _models(m)
    staged = [n for n in models.values() if _layer(n) == "staging"]
    return [
        n["name"] for n in staged
        if any(is_odd(_layer(models[p])) for p in _parents(n) if p in models)
    ]  # fmt: skip


def downstream_depends_on_source(m: Manifest) -> list[str]:
    """A model past staging reads a source."""
    return [n["name"] for n in _models(m).values() if _layer(n) != "staging" and _sources(n)]


def rejoining_of_upstream(m: Manifest) -> list[str]:
    """A model reads a and b, where b alone reads a and nothing else reads b."""
    models, children = _models(m), _children(m)
    return [
        models[b]["name"]
        for b, readers in children.items()
        if b in models and len(readers) == 1
        for reader in readers
        if any(a in models and a in _parents(models[reader]) for a in _parents(models[b]))
    ]


def duplicate_sources(m: Manifest) -> list[str]:
    """Two sources are one relation."""
    names = [s["relation_name"] for s in m["sources"].values()]
    return sorted({name for name in names if names.count(name) > 1})


def unused_sources(m: Manifest) -> list[str]:
    """A source that nothing reads."""
    read = {p for n in m["nodes"].values() for p in n["depends_on"].get("nodes", [])}
    return [s["name"] for k, s in m["sources"].items() if k not in read]


def missing_primary_keys(m: Manifest) -> list[str]:
    """Neither a key that is enforced nor a test that says what is unique."""
    tested = {
        n["attached_node"] for n in m["nodes"].values()
        if n["resource_type"] == "test"
        and (n.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
    }  # fmt: skip
    return [
        n["name"] for k, n in _models(m).items()
        if k not in tested and all(c["type"] != "primary_key" for c in n["constraints"])
    ]  # fmt: skip


def undocumented(m: Manifest) -> list[str]:
    """A model, seed, snapshot, source or exposure without a description."""
    nodes = [n for n in m["nodes"].values() if n["resource_type"] in ("model", "seed", "snapshot")]
    nodes += [*m["sources"].values(), *m["exposures"].values()]
    return [n["name"] for n in nodes if not n["description"].strip()]


def naming_conventions(m: Manifest) -> list[str]:
    """A name does not begin as those of its layer do."""
    return [n["name"] for n in _models(m).values()
            if not n["name"].startswith(PREFIXES.get(_layer(n), ("?",)))]  # fmt: skip


def described_elsewhere(m: Manifest) -> list[str]:
    """A model is described, and so tested, in another folder than its own."""
    return [
        n["name"] for n in _models(m).values()
        if (n["patch_path"] or "").split("://")[-1].rpartition("/")[0]
        != n["original_file_path"].rpartition("/")[0]
    ]  # fmt: skip


def chained_views(m: Manifest) -> list[str]:
    """Views on views on views: each reader pays for all of them."""
    models = _models(m)

    def depth(name: str) -> int:
        if name not in models or models[name]["config"]["materialized"] not in (
            "view",
            "ephemeral",
        ):
            return 0
        return 1 + max(map(depth, _parents(models[name])), default=0)

    return [n["name"] for k, n in models.items() if depth(k) > MAX_CHAINED_VIEWS]


def _read_by_exposures(m: Manifest) -> list[dict]:
    names = {p for e in m["exposures"].values() for p in e["depends_on"]["nodes"]}
    return [n for k, n in _models(m).items() if k in names]


def exposures_read_views(m: Manifest) -> list[str]:
    """What an exposure reads is computed anew with every look."""
    return [n["name"] for n in _read_by_exposures(m)
            if n["config"]["materialized"] in ("view", "ephemeral")]  # fmt: skip


def exposures_depend_on_private(m: Manifest) -> list[str]:
    """An exposure reads what is not public."""
    return [n["name"] for n in _read_by_exposures(m) if n["access"] != "public"]


def public_without_contract(m: Manifest) -> list[str]:
    """A public model may change its columns unnoticed."""
    return [n["name"] for n in _models(m).values()
            if n["access"] == "public" and not n["config"]["contract"]["enforced"]]  # fmt: skip


def undocumented_public_columns(m: Manifest) -> list[str]:
    """A column of a public model without a description."""
    return [
        f"{n['name']}.{c['name']}" for n in _models(m).values() if n["access"] == "public"
        for c in n["columns"].values() if not c["description"].strip()
    ]  # fmt: skip


RULES: tuple[Callable[[Manifest], list[str]], ...] = (
    direct_join_to_source, root_models, source_fanout, model_fanout, multiple_sources_joined,
    staging_depends_on_downstream, staging_depends_on_staging, downstream_depends_on_source,
    rejoining_of_upstream, duplicate_sources, unused_sources, missing_primary_keys, undocumented,
    naming_conventions, described_elsewhere, chained_views, exposures_read_views,
    exposures_depend_on_private, public_without_contract, undocumented_public_columns,
)  # fmt: skip
