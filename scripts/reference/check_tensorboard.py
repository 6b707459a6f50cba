#!/usr/bin/env python3
"""Checks that TensorBoard's own reader finds in a run's event file what its rounds.csv says.

    python3 -m venv venv && venv/bin/pip install tensorboard
    venv/bin/python scripts/reference/check_tensorboard.py RUN_FOLDER ...

Each folder holds rounds.csv and one events.out.tfevents.* file. Exits with 1 at the first difference.
"""

import csv
import glob
import math
import os
import struct
import sys

from tensorboard.backend.event_processing import event_file_loader

COLUMNS = {
    "accuracy/test": "test_accuracy",
    "accuracy/federated": "federated_accuracy",
    "accuracy/worst_tenth": "federated_accuracy_worst_tenth",
    "loss/test": "test_loss",
    "loss/federated": "federated_loss",
    "loss/train": "train_loss",
    "participation/invited": "invited",
    "participation/reported": "reported",
    "participation/dropped": "dropped",
    "bytes/down": "bytes_down",
    "bytes/up": "bytes_up",
    "norm/smallest": "update_norm_smallest",
    "norm/mean": "update_norm_mean",
    "norm/largest": "update_norm_largest",
    "norm/aggregate": "update_norm_aggregate",
    "time/virtual_seconds": "virtual_seconds",
    "time/real_seconds": "real_seconds",
    "learning_rate": "learning_rate",
}


def single(value):
    """The value as a single-precision float, which is what event files hold."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def expected(folder):
    scalars = {}
    with open(os.path.join(folder, "rounds.csv"), newline="") as file:
        for row in csv.DictReader(file):
            for tag, column in COLUMNS.items():
                if row[column]:
                    scalars[tag, int(row["round"])] = single(float(row[column]))
    return scalars


def found(folder):
    (path,) = glob.glob(os.path.join(folder, "events.out.tfevents.*"))
    scalars = {}
    for event in event_file_loader.EventFileLoader(path).Load():
        for value in event.summary.value:
            scalars[value.tag, event.step] = value.tensor.float_val[0]
    return scalars


def main(folders):
    for folder in folders:
        want, have = expected(folder), found(folder)
        if want.keys() != have.keys():
            sys.exit(f"{folder}: different scalars: {sorted(want.keys() ^ have.keys())[:5]}")
        for place, value in want.items():
            same = have[place] == value or (math.isnan(value) and math.isnan(have[place]))
            if not same:
                sys.exit(f"{folder}: {place} is {have[place]}, not {value}")
        print(f"{folder}: {len(want)} scalars agree")


if __name__ == "__main__":
    main(sys.argv[1:])
