import torch
from torch import nn

x = torch.ones(1000)
for training in (True, False):
    model = nn.Sequential(nn.Dropout(0.5)).train(training)
    program = torch.export.export(model, (x,))
    [node] = [n for n in program.graph.nodes if n.op == "call_function"]
    loaded = program.module()
    print(f"exported in {'train' if training else 'eval'}():")
    print("  the graph says     ", node.target, node.args[1:])
    print("  two runs are equal ", torch.equal(loaded(x), loaded(x)))
    try:
        (loaded.eval if training else loaded.train)()
    except NotImplementedError as error:
        print("  the other mode     ", error)
