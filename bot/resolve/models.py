"""The files a request needs: checkpoint, VAE, LoRAs, embeddings."""

from collections.abc import Sequence

from bot.config import DefaultsConfig
from bot.domain import (
    AskedLora,
    Catalog,
    CheckpointInfo,
    DrawRequest,
    LoraRef,
    ModelFile,
    ModelRef,
)
from bot.errors import UnknownName
from bot.phrase import Phrase, phrase
from bot.prompt import LoraTag, name_pattern
from bot.resolve.loras import lora_ref
from bot.resolve.names import find, problem
from bot.resolve.report import Report

REFINES = {"SDXL refiner": "SDXL"}
"""Families that only finish what a checkpoint of another family has begun."""


class Models:
    """Looks up the names of one request in the catalogue."""

    def __init__(
        self, request: DrawRequest, catalog: Catalog, defaults: DefaultsConfig, report: Report
    ) -> None:
        self._request = request
        self._catalog = catalog
        self._defaults = defaults
        self._report = report

    def checkpoint(self) -> CheckpointInfo:
        """The one asked for, or the default one.

        Where the name is wrong, the default one stands in, so that the rest can be checked too.

        Raises:
            UnknownName: there is no checkpoint at all.
        """
        usual = self._default_checkpoint()
        asked = self._request.checkpoint
        if not asked:
            return usual
        offered = self._beginners()
        found = find(asked, offered)
        if len(found) == 1:
            return found[0]
        if not found and len(refiner := find(asked, self._catalog.checkpoints)) == 1:
            self._report.fault(phrase("fault-checkpoint-refines", name=refiner[0].name))
            return usual
        self._report.missing(
            "checkpoint",
            problem("checkpoint", asked, found, offered),
            phrase("note-checkpoint-missing", asked=asked[:60], used=usual.name),
        )
        return usual

    def _default_checkpoint(self) -> CheckpointInfo:
        offered = self._beginners()
        if not offered:
            raise UnknownName(phrase("fault-no-checkpoints"))
        for name in (self._defaults.checkpoint, self._catalog.default_checkpoint):
            found = find(name, offered)
            if len(found) == 1:
                return found[0]
        return offered[0]

    def _beginners(self) -> list[CheckpointInfo]:
        return [c for c in self._catalog.checkpoints if c.family not in REFINES]

    @staticmethod
    def checkpoint_ref(checkpoint: CheckpointInfo) -> ModelRef:
        """The checkpoint as an order names it."""
        return ModelRef(name=checkpoint.name, sha256=checkpoint.sha256)

    def vae(self, checkpoint: CheckpointInfo) -> ModelRef | None:
        """The VAE asked for; None means the checkpoint's own."""
        asked = self._request.vae
        if not asked or asked.casefold() in ("automatic", "auto", "none"):
            return None
        if not self._report.has_feature("vae", "vae", self._catalog):
            return None
        file = self._file("vae", "vae", asked, self._catalog.vaes, checkpoint)
        return ModelRef(name=file.name, sha256=file.sha256) if file else None

    def loras(self, checkpoint: CheckpointInfo, tags: Sequence[LoraTag]) -> tuple[LoraRef, ...]:
        """The LoRAs of `tags`, which still stand in the prompt, and those asked for beside it. Of
        one that is named twice the last counts, and that is told: A1111 would add it twice."""
        for named in (tags, self._request.loras):
            names = [lora.name.casefold() for lora in named]
            for name in dict.fromkeys(n for n in names if names.count(n) > 1):
                self._report.note(phrase("note-flag-twice", flag=f"<lora:{name[:60]}>"))
        asked = {
            tag.name: AskedLora(name=tag.name, weight=tag.weight, extra=tag.extra) for tag in tags
        }
        asked |= {lora.name: lora for lora in self._request.loras}
        if not asked or not self._report.has_feature("lora", "loras", self._catalog):
            return ()
        refs: dict[str, LoraRef] = {}
        for lora in asked.values():
            file = self._file("lora", "loras", lora.name, self._catalog.loras, checkpoint)
            if file:
                refs[file.sha256] = lora_ref(lora, file, self._report)
        return tuple(refs.values())

    def embeddings(self, checkpoint: CheckpointInfo) -> tuple[ModelRef, ...]:
        """Embeddings whose file name stands as a word in one of the prompts.

        Of several with one name the one for this checkpoint is meant. The demo checkpoint has a
        width of its own, which no published embedding has.
        """
        prompts = f"{self._request.prompt}\n{self._request.negative_prompt or ''}"
        spoken: dict[str, ModelFile] = {}
        for file in self._catalog.embeddings:
            name = file.name.casefold()
            if name_pattern([file.name]).search(prompts) and not (
                name in spoken and self._fits(spoken[name], checkpoint)
            ):
                spoken[name] = file
        for file in spoken.values():
            if not self._fits(file, checkpoint):
                self._report.fault(self._misfit("embedding", file, checkpoint))
        return tuple(ModelRef(name=file.name, sha256=file.sha256) for file in spoken.values())

    def _file(
        self,
        kind: str,
        field: str,
        asked: str,
        offered: Sequence[ModelFile],
        checkpoint: CheckpointInfo,
    ) -> ModelFile | None:
        found = find(asked, offered)
        left_out = phrase("note-name-missing", kind=kind, asked=asked[:60])
        if len(found) != 1:
            self._report.missing(field, problem(kind, asked, found, offered), left_out)
            return None
        file = found[0]
        if not self._fits(file, checkpoint):
            self._report.missing(field, self._misfit(kind, file, checkpoint), left_out)
            return None
        return file

    @staticmethod
    def _fits(file: ModelFile, checkpoint: CheckpointInfo) -> bool:
        """What has no family fits any; the demo checkpoint is narrower than its family."""
        return not file.family or (file.family == checkpoint.family and not checkpoint.demo)

    @staticmethod
    def _misfit(kind: str, file: ModelFile, checkpoint: CheckpointInfo) -> Phrase:
        return phrase(
            "fault-family",
            kind=kind,
            name=file.name,
            family=file.family,
            checkpoint=checkpoint.name,
            needs="demo" if checkpoint.demo else checkpoint.family,
        )
