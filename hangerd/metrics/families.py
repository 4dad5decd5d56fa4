"""How our numbers become Prometheus' metric families; see its "Exposition formats"."""

from __future__ import annotations

from prometheus_client import Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.utils import floatToGoString

from hangerd.histogram import Histogram

Labels = tuple[str, ...]


def histograms(name: str, text: str, labels: Labels, told: dict[Labels, Histogram]) -> Metric:
    """Return a family of histograms, one for each of the labels' values."""
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, seen in told.items():
        buckets = [(floatToGoString(bound), count) for bound, count in seen.cumulative()]
        family.add_metric(list(values), buckets, seen.sum)
    return family


def histogram(name: str, text: str, seen: Histogram) -> Metric:
    """Return a family of one histogram."""
    return histograms(name, text, (), {(): seen})
