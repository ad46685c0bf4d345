"""Reads training rows and a net's weights with NumPy alone: exchange.py ROWS.npz NET.safetensors (see exchange.md)."""
import json, sys
import numpy as np

def read_net(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    about = header.pop("__metadata__")
    return about, {name: np.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"])
                   for name, t in header.items()}

rows = np.load(sys.argv[1])
about = json.loads(rows["about"].item())
print(about["game"], about["features"], about["rows"])
for board in (board for board, count in about["rows"].items() if count):
    policy, value = rows[f"{board}/policy"], rows[f"{board}/value"]
    known = rows[f"{board}/policy_weight"] > 0
    entropy = -np.sum(policy * np.log(np.maximum(policy, 1e-9)), axis=1)[known].mean()
    print(f"{board}: {len(value)} rows, the mover wins {value[:, 0].mean():.1%}, entropy of the policy {entropy:.2f} nats")

net, tensors = read_net(sys.argv[2])
print(net["trunk"], f"{sum(t.size for t in tensors.values())} numbers in {len(tensors)} tensors")
if net["features"] == about["features"]:  # the net's first block on one row: convolution, globals, ReLU
    x, g = rows[f"{board}/planes"][0], rows[f"{board}/globals"][0]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
    out = np.einsum("cyxij,ocij->oyx", windows, tensors["0.conv.conv.weight"])
    out += (tensors["0.conv.conv.bias"] + tensors["0.conv.globals.bias"] + g @ tensors["0.conv.globals.weight"])[:, None, None]
    print(f"first block: mean {np.maximum(out, 0).mean():.4f}, shape {out.shape}")
