"""Which torch modules `byheart.from_torch` converts: torchvision, timm, and modules as people write them.

Needs torch, torchvision and timm, which `pip install torch torchvision timm` installs; what is missing is left out. All
models have random weights. Usage:

    python -m benchmarks.torch_models            all of them; about an hour on two cores
    python -m benchmarks.torch_models NAMES...   some again, into the same table; --evaluation leaves out training
"""

import contextlib
import gc
import importlib
import importlib.metadata
import importlib.util
import json
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax

OUT = Path(__file__).parent / "results" / "torch_models.json"
SECONDS = 300
"""Time of the processor after which a model counts as not converted."""
SIDE = 32
"""Side of images, in pixels, where a model takes any size."""
SIDES = {"alexnet": 64, "vit_b_32": 224, "halonet26t": 256}
"""Sides of images for models that need larger ones and do not say so by their names."""

TORCHVISION = (
    *("alexnet", "squeezenet1_1", "vgg11_bn", "resnet18", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x0_5"),
    *("regnet_y_400mf", "googlenet", "vit_b_32", "convnext_tiny", "swin_t", "efficientnet_b0", "densenet121"),
    *("mobilenet_v2", "resnext50_32x4d"),
)
TIMM = (
    *("resnet10t", "vit_tiny_patch16_224", "mixer_s32_224", "lcnet_035", "tinynet_e", "mobilenetv3_small_050"),
    *("convnext_atto", "repvgg_a0", "resmlp_12_224", "starnet_s1", "efficientvit_m0", "darknet17", "mnasnet_050"),
    *("deit_tiny_patch16_224", "levit_128s", "pit_ti_224", "poolformer_s12", "ghostnet_050", "dla34", "skresnet18"),
    *("regnetx_002", "pvt_v2_b0", "efficientvit_b0", "mobilevitv2_050", "gernet_s", "selecsls42", "hgnetv2_b0"),
    *("inception_next_atto", "convmixer_768_32", "mobilenetv4_conv_small", "resnest14d", "rexnet_100", "vovnet39a"),
    *(
        "convit_tiny",
        "cait_xxs24_224",
        "xcit_nano_12_p16_224",
        "gmlp_s16_224",
        "beit_base_patch16_224",
        "edgenext_xx_small",
    ),
    *("swiftformer_xs", "efficientformer_l1", "tiny_vit_5m_224", "swin_tiny_patch4_window7_224", "focalnet_tiny_srf"),
    *("coat_tiny", "crossvit_tiny_240", "davit_tiny", "twins_svt_small", "nest_tiny", "botnet26t_256"),
    *("halonet26t", "lambda_resnet26t", "nf_resnet26", "fastvit_t8", "repghostnet_050", "mixnet_s", "semnasnet_050"),
    *("cs3darknet_s", "eca_resnext26ts", "mobilevit_xxs", "mobileone_s0", "repvit_m0_9", "convnextv2_atto"),
    *("eva02_tiny_patch14_224", "maxvit_nano_rw_256", "hrnet_w18_small", "xception41", "volo_d1_224"),
)


def main() -> None:
    """Convert all models, or those named, and write the table after each."""
    import torch

    torch.set_num_threads(1)  # Its threads and those of JAX would wait for each other.
    modes = "evaluation" if "--evaluation" in sys.argv else "evaluation and training"
    wanted = set(sys.argv[1:]) - {"--evaluation"}
    for source, name, make, side in models():
        if wanted and name not in wanted:
            continue
        row = {"source": source, "name": name, "side": side, "modes": modes, **converted(make, side, modes)}
        print(json.dumps(row), flush=True)
        rows = json.loads(OUT.read_text())["models"] if OUT.exists() else []
        rows = [one for one in rows if (one["source"], one["name"]) != (source, name)] + [row]
        sources = dict.fromkeys(row["source"] for row in rows)
        summary = {source: _shares([row for row in rows if row["source"] == source]) for source in sources}
        OUT.write_text(json.dumps({"versions": _versions(), "summary": summary, "models": rows}, indent=1) + "\n")
        jax.clear_caches()
        gc.collect()


def models() -> Iterator[tuple[str, str, Callable[[], Any], int]]:
    """Yield (source, name, function that makes the model, side of its images)."""
    with contextlib.suppress(ImportError):
        sys.path.append(str(Path(__file__).parent.parent / "tests" / "torch_bridge"))
        written = importlib.import_module("made_modules")
        yield from (("as people write them", one.__name__, one, 16) for one in written.ALL)
    if importlib.util.find_spec("torchvision") is not None:
        torchvision = loaded_torchvision()
        for name in TORCHVISION:
            side = SIDES.get(name, SIDE)
            more = {"init_weights": True, "aux_logits": False} if name == "googlenet" else {}
            yield "torchvision", name, lambda name=name, more=more: torchvision.models.get_model(name, **more), side
    if importlib.util.find_spec("timm") is not None:
        timm = importlib.import_module("timm")
        for name in TIMM:
            if not timm.is_model(name):
                print(f"timm has no {name}", flush=True)
                continue
            found = timm.get_pretrained_cfg(name)
            fixed = found is not None and (found.fixed_input_size or re.search(r"_(224|240|256)$", name))
            side = found.input_size[-1] if fixed else SIDES.get(name, SIDE)
            yield "timm", name, lambda name=name: timm.create_model(name), side


def converted(make: Callable[[], Any], side: int, modes: str) -> dict[str, Any]:
    """Return what became of one model: converted, converted for evaluation alone, differing, or refused."""
    import torch

    import byheart as bh

    started = time.process_time()
    torch.manual_seed(0)
    found: dict[str, Any] = {}
    try:
        with _at_most(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = _without_zeros(make())
            inputs = torch.rand(2, 3, side, side)
            try:
                network = bh.from_torch(module, inputs, training="training" in modes, show=False)
                found["verdict"] = "converted"
            except bh.BadInput as problem:
                if "training" not in modes:
                    raise
                found["in_training"] = str(problem)
                network = bh.from_torch(module, inputs, training=False, show=False)
                found["verdict"] = "evaluation alone"
            found["parameters"] = bh.n_parameters(network)
            found["largest_difference"] = network.agreement.largest
            found["in_float64"] = network.agreement.in_float64
    except bh.BadInput as problem:
        found.pop("in_training", None)
        found["verdict"] = "differs" if "differs from torch" in str(problem) else "refused"
        found["reason"] = _without_paths(str(problem))
    except Exception as problem:
        found["verdict"] = "too slow" if isinstance(problem, TimeoutError) else "failed"
        found["reason"] = _without_paths(f"{type(problem).__name__}: {problem}")[:400]
    if "in_training" in found:
        found["in_training"] = _without_paths(found["in_training"])[:400]
    return {**found, "processor_seconds": round(time.process_time() - started, 1)}


def _without_zeros(module: Any) -> Any:
    """Return a module whose parameters are moved at random: some start with heads of zeros, which hide all others."""
    import torch

    with torch.no_grad():
        for one in module.parameters():
            one += 0.02 * torch.randn_like(one)
    return module


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def loaded_torchvision() -> Any:
    """Return torchvision; where its compiled operations do not fit this torch, no classifier needs them."""
    import torch

    try:
        return importlib.import_module("torchvision")
    except RuntimeError:
        for name in [one for one in sys.modules if one.startswith("torchvision")]:
            del sys.modules[name]
        found = importlib.util.find_spec("torchvision")
        assert found is not None
        assert found.origin is not None
        written = (Path(found.origin).parent / "_meta_registrations.py").read_text()
        names = sorted(set(re.findall(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"', written)))
        loaded_torchvision.library = torch.library.Library("torchvision", "FRAGMENT")
        for name in names:
            with contextlib.suppress(RuntimeError):
                loaded_torchvision.library.define(f"{name}() -> Tensor")
        return importlib.import_module("torchvision")


def _without_paths(said: str) -> str:
    return re.sub(r"/\S*/((?:site-packages|tests)/)", r"\1", said)[:1500]


def _shares(rows: list[dict[str, Any]]) -> dict[str, Any]:
    verdicts = [row["verdict"] for row in rows]
    return {"models": len(rows), **{one: verdicts.count(one) for one in dict.fromkeys(verdicts)}}


def _versions() -> dict[str, str]:
    names = [name for name in ("jax", "torch", "torchvision", "timm") if importlib.util.find_spec(name)]
    return {name: importlib.metadata.version(name) for name in names}


if __name__ == "__main__":
    main()
