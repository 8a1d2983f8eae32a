"""Which torch modules `byheart.from_torch` converts: torchvision, timm, and modules as people write them.

Needs torch, torchvision and timm, which `pip install torch torchvision timm` installs; what is missing is left out. All
models have random weights. Usage:

    python -m benchmarks.torch_models [NAMES...]
"""

import contextlib
import gc
import importlib
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
SECONDS = 240
"""Time after which a model counts as not converted."""
SIDE = 64
"""Side of images, in pixels, where a model takes any size."""

TORCHVISION = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet"),
    *("inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf"),
    *("regnet_y_400mf", "resnet18", "resnet50", "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_0"),
    *("squeezenet1_1", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn", "vit_b_32", "wide_resnet50_2"),
)
TIMM = (
    *("bat_resnext26ts", "beit_base_patch16_224", "botnet26t_256", "cait_xxs24_224", "coat_tiny", "coatnet_nano_rw_224"),
    *("convit_tiny", "convmixer_768_32", "convnext_atto", "convnextv2_atto", "crossvit_tiny_240", "cs3darknet_s"),
    *("cspresnet50", "darknet17", "davit_tiny", "deit_tiny_patch16_224", "densenet121", "dla34", "dm_nfnet_f0"),
    *("dpn48b", "eca_resnext26ts", "edgenext_xx_small", "efficientformer_l1", "efficientnet_lite0"),
    *("efficientvit_b0", "efficientvit_m0", "eva02_tiny_patch14_224", "fastvit_t8", "focalnet_tiny_srf"),
    *("fbnetc_100", "gcresnext26ts", "gernet_s", "ghostnet_050", "halonet26t", "hardcorenas_a", "hgnet_tiny"),
    *("hgnetv2_b0", "hrnet_w18_small", "inception_next_atto", "inception_v4", "lambda_resnet26t", "lcnet_035"),
    *("levit_128s", "maxvit_nano_rw_256", "mixer_s32_224", "mixnet_s", "mnasnet_050", "mobilenetv3_small_050"),
    *("mobilenetv4_conv_small", "mobileone_s0", "mobilevit_xxs", "mobilevitv2_050", "mvitv2_tiny", "nest_tiny"),
    *("nf_resnet26", "pit_ti_224", "poolformer_s12", "pvt_v2_b0", "regnetx_002", "repghostnet_050", "repvgg_a0"),
    *("repvit_m0_9", "res2net50_14w_8s", "resmlp_12_224", "resnest14d", "resnet10t", "rexnet_100", "selecsls42"),
    *("semnasnet_050", "skresnet18", "starnet_s1", "swiftformer_xs", "swin_tiny_patch4_window7_224"),
    *("tf_efficientnet_b0", "tinynet_e", "tiny_vit_5m_224", "tresnet_m", "twins_svt_small"),
    *("vit_tiny_patch16_224", "volo_d1_224", "vovnet39a", "xception41", "xcit_nano_12_p16_224"),
)


def main() -> None:
    """Convert all models, or those named, and write the table."""
    import torch

    torch.set_num_threads(1)  # Its threads and those of JAX would wait for each other.
    wanted, rows = set(sys.argv[1:]), []
    for source, name, make, side in models():
        if wanted and name not in wanted:
            continue
        row = {"source": source, "name": name, "side": side, **converted(make, side)}
        print(json.dumps(row), flush=True)
        rows.append(row)
        jax.clear_caches()
        gc.collect()
    if not wanted:
        sources = dict.fromkeys(row["source"] for row in rows)
        summary = {source: _shares([row for row in rows if row["source"] == source]) for source in sources}
        OUT.write_text(json.dumps({"versions": _versions(), "summary": summary, "models": rows}, indent=1) + "\n")
        print(json.dumps(summary, indent=1))


def models() -> Iterator[tuple[str, str, Callable[[], Any], int]]:
    """Yield (source, name, function that makes the model, side of its images)."""
    with contextlib.suppress(ImportError):
        sys.path.append(str(Path(__file__).parent.parent / "tests" / "torch_bridge"))
        written = importlib.import_module("made_modules")
        yield from (("as people write them", one.__name__, one, 16) for one in written.ALL)
    if importlib.util.find_spec("torchvision") is not None:
        torchvision = _torchvision()
        for name in TORCHVISION:
            side = {"inception_v3": 96, "maxvit_t": 224, "vit_b_32": 224}.get(name, SIDE)
            more = {"init_weights": True, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
            yield "torchvision", name, lambda name=name, more=more: torchvision.models.get_model(name, **more), side
    if importlib.util.find_spec("timm") is not None:
        timm = importlib.import_module("timm")
        for name in TIMM:
            if not timm.is_model(name):
                print(f"timm has no {name}", flush=True)
                continue
            found = timm.get_pretrained_cfg(name)
            fixed = found is not None and (found.fixed_input_size or re.search(r"_(224|240|256)$", name))
            yield "timm", name, lambda name=name: timm.create_model(name), found.input_size[-1] if fixed else SIDE


def converted(make: Callable[[], Any], side: int) -> dict[str, Any]:
    """Return what became of one model: converted, converted for evaluation alone, differing, or refused."""
    import torch

    import byheart as bh

    started = time.perf_counter()
    torch.manual_seed(0)
    found: dict[str, Any] = {}
    try:
        with _at_most(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = make()
            inputs = torch.rand(2, 3, side, side)
            try:
                network = bh.from_torch(module, inputs, show=False)
                found["verdict"] = "converted"
            except bh.BadInput as problem:
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
    return {**found, "seconds": round(time.perf_counter() - started, 1)}


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _torchvision() -> Any:
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
        _torchvision.library = torch.library.Library("torchvision", "FRAGMENT")
        for name in names:
            with contextlib.suppress(RuntimeError):
                _torchvision.library.define(f"{name}() -> Tensor")
        return importlib.import_module("torchvision")


def _without_paths(said: str) -> str:
    return re.sub(r"/\S*/((?:site-packages|tests)/)", r"\1", said)[:1500]


def _shares(rows: list[dict[str, Any]]) -> dict[str, Any]:
    verdicts = [row["verdict"] for row in rows]
    return {"models": len(rows), **{one: verdicts.count(one) for one in dict.fromkeys(verdicts)}}


def _versions() -> dict[str, str]:
    names = [name for name in ("jax", "torch", "torchvision", "timm") if importlib.util.find_spec(name)]
    return {name: str(importlib.import_module(name).__version__) for name in names}


if __name__ == "__main__":
    main()
