import logging
import warnings

import torch
from onnx.reference import ReferenceEvaluator
from torch import nn

logging.disable()
x = torch.ones(1000)
for training in (True, False):
    model = nn.Sequential(nn.Dropout(0.5)).train(training)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UserWarning)
        program = torch.onnx.export(model, (x,), verbose=False)
    file = program.model_proto
    inputs = {file.graph.input[0].name: x.numpy()}
    (y,) = ReferenceEvaluator(file).run(None, inputs)
    print(f"exported in {'train' if training else 'eval'}():")
    print("  nodes in the file  ", [node.op_type for node in file.graph.node])
    print("  drops when it runs ", bool((y == 0).any()))
    warned = any("training mode" in str(one.message) for one in heard)
    print("  the exporter warned", warned)
