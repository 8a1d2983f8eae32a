"""Modules as people write them, each from (batch, 3, 16, 16) to 5 logits."""

import math

import torch
from torch import nn
from torch.nn import functional


class Functional(nn.Module):
    """A classic in functional style: everything without parameters is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 8, 3)
        self.fc1, self.fc2 = nn.Linear(8 * 3 * 3, 16), nn.Linear(16, 5)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = functional.dropout(functional.relu(self.fc1(x)), 0.3, training=self.training)
        return self.fc2(x)


class ListOfLayers(nn.Module):
    """A list of layers, with skip connections where shapes allow."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(n, m) for n, m in ((768, 24), (24, 24), (24, 24))])
        self.heads = nn.ModuleDict({"main": nn.Linear(24, 5)})

    def forward(self, x):
        x = torch.flatten(x, 1)
        for layer in self.layers:
            after = torch.tanh(layer(x))
            x = x + after if x.shape == after.shape else after
        return self.heads["main"](x)


class SharedWeights(nn.Module):
    """One convolution used three times, and a head tied to another layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.block = nn.Conv2d(3, 6, 1), nn.Conv2d(6, 6, 3, padding=1, padding_mode="circular")
        self.first, self.tied = nn.Linear(6, 5), nn.Linear(6, 5)
        self.tied.weight = self.first.weight

    def forward(self, x):
        x = self.stem(x)
        for _ in range(3):
            x = functional.leaky_relu(self.block(x), 0.2)
        x = x.mean((2, 3))
        return self.first(x) - 0.5 * self.tied(x * x)


class Einsum(nn.Module):
    """Attention over patches, written with einsum."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 4, 4)
        self.qkv = nn.Parameter(torch.randn(3, 2, 8, 4) / 3)
        self.register_buffer("scale", torch.tensor(1 / math.sqrt(4)))
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        q, k, v = torch.einsum("btd,chde->cbhte", x, self.qkv)
        shares = torch.softmax(torch.einsum("bhte,bhse->bhts", q, k) * self.scale, -1)
        return self.head(torch.einsum("bhts,bhse->bthe", shares, v).reshape(x.shape[0], -1, 8).mean(1))


class GroupNormGelu(nn.Module):
    """Group norm, GELU, transposed convolution, reflection padding, interpolation."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, 2, 1, padding_mode="reflect")
        self.norm = nn.GroupNorm(4, 8)
        self.up = nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1)
        self.head = nn.Linear(4 * 25, 5)

    def forward(self, x):
        x = functional.gelu(self.norm(self.down(x)))
        x = functional.interpolate(self.up(x), size=(10, 10), mode="bilinear", align_corners=False)
        x = functional.interpolate(x, scale_factor=0.5, mode="nearest")
        return self.head(x.flatten(1))


class AdaptivePooling(nn.Module):
    """Adaptive pooling to sizes that do not divide the side, average pooling with padding, squeeze and excitation."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding="same", groups=1, dilation=2)
        self.norm = nn.BatchNorm2d(8)
        self.gate = nn.Sequential(nn.Conv2d(8, 2, 1), nn.SiLU(), nn.Conv2d(2, 8, 1), nn.Hardsigmoid())
        self.head = nn.Linear(8 * 9, 5)

    def forward(self, x):
        x = functional.hardswish(self.norm(self.conv(x)))
        x = x * self.gate(functional.adaptive_avg_pool2d(x, 1))
        x = functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False, ceil_mode=True)
        return self.head(functional.adaptive_max_pool2d(x, 3).flatten(1))


class Encoder(nn.Module):
    """torch's own transformer encoder over patches, with a class token and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(48, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        self.places = nn.Embedding(17, 16)
        layer = nn.TransformerEncoderLayer(16, 4, 32, 0.1, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        patches = functional.unfold(x, 4, stride=4).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), self.embed(patches)], 1)
        x = x + self.places(torch.arange(x.shape[1], device=x.device))
        return self.head(self.encoder(x)[:, 0])


class Recurrent(nn.Module):
    """An LSTM and a GRU over the rows of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(48, 8, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(16, 8, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        rows = x.permute(0, 2, 1, 3).flatten(2)
        return self.head(self.gru(self.lstm(rows)[0])[0][:, -1])


class ManyBranches(nn.Module):
    """Branches that are split, concatenated, shuffled, and weighted by a learned scalar; instance norm."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.InstanceNorm2d(8, affine=True)
        self.weight = nn.Parameter(torch.tensor(0.3))
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.act = nn.PReLU(8)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = self.norm(torch.cat([self.one(x), self.other(x)], 1))
        b, c, h, w = x.shape
        x = x.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)
        one, other = x.chunk(2, 1)
        x = torch.cat([one * self.weight, other.clamp(min=0)], 1)
        x = self.act(self.depthwise(x))
        return self.head(torch.amax(x, (2, 3)) + x.std((2, 3)))


class Normalized(nn.Module):
    """A cosine classifier with layer norm, RMS norm, and inputs normalized by constants."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1), persistent=False)
        self.fc = nn.Linear(768, 16)
        self.layer, self.rms = nn.LayerNorm(16), nn.RMSNorm(16)
        self.prototypes = nn.Parameter(torch.randn(5, 16))
        self.frozen = nn.Parameter(torch.tensor(2.0), requires_grad=False)

    def forward(self, x):
        x = (x - self.mean) / torch.tensor([0.2, 0.3, 0.25]).view(1, 3, 1, 1)
        x = self.rms(torch.relu(self.layer(self.fc(x.flatten(1)))))
        return self.frozen * 5 * functional.normalize(x, dim=1) @ functional.normalize(self.prototypes, dim=1).T


ALL = (
    *(Functional, ListOfLayers, SharedWeights, Einsum, GroupNormGelu, AdaptivePooling, Encoder, Recurrent),
    *(ManyBranches, Normalized),
)
"""All of them."""
