"""What /metrics says, as numbers that can be compared."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families


class Reading:
    """One look at the metrics. `at`: seconds on a steady clock."""

    def __init__(self, text: str, at: float) -> None:
        self.at = at
        self._samples = [s for f in text_string_to_metric_families(text) for s in f.samples]

    def value(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name with these labels; 0 where there are none."""
        return sum(self._matching(name, labels))

    def _matching(self, name: str, labels: dict[str, str]) -> Iterator[float]:
        for sample in self._samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample.value

    def by(self, name: str, label: str) -> dict[str, float]:
        """The values of this name, summed by one of its labels."""
        found: dict[str, float] = {}
        for sample in self._samples:
            if sample.name == name:
                key = sample.labels.get(label, "")
                found[key] = found.get(key, 0.0) + sample.value
        return found

    def text(self, name: str, label: str) -> str:
        """What a label says; "" where there is no such sample."""
        return next((s.labels.get(label, "") for s in self._samples if s.name == name), "")

    def rate(self, name: str, before: "Reading", **labels: str) -> float:
        """How much a counter grew a second since `before`; 0 if the bot was restarted since."""
        seconds = self.at - before.at
        grown = self.value(name, **labels) - before.value(name, **labels)
        return max(0.0, grown / seconds) if seconds > 0 else 0.0

    def mean(self, name: str) -> float:
        """Of a histogram, since the start of the bot; 0 without observations."""
        count = self.value(f"{name}_count")
        return self.value(f"{name}_sum") / count if count else 0.0
