"""The failures that the course shows, as far as a playground can, and what cures each."""

from types import MappingProxyType

from bend.errors import UnknownName
from bend.playground.replay import (
    Preset,
    below,
    dead,
    diverged,
    fitted,
    misses,
    saturated,
    solved,
    stuck_at_ln_2,
)
from bend.playground.settings import Settings

LESSONS = MappingProxyType(
    {
        "01": "01_why_nonlinearity",
        "02": "02_geometry",
        "03": "03_sigmoid_and_tanh",
        "04": "04_relu_family",
        "05": "05_dying_relu",
        "06": "06_choosing",
        "07": "07_vanishing_gradients",
        "08": "08_remedies",
    }
)


class _ByName(dict):
    def __missing__(self, name):
        raise UnknownName(f"there is no preset {name!r}; there are {', '.join(self)}")


def _preset(name, title, lesson, watch, text, steps, outcome, rescues=()):
    return name, Preset(name, title, lesson, watch, Settings.parse(text), steps, outcome, rescues)


PRESETS = MappingProxyType(
    _ByName(
        (
            _preset(
                "xor-linear",
                "Three layers and no bend: XOR",
                "01",
                "The border stays a straight line, however long you play and however many layers "
                "there are. A stack of linear layers is one linear layer.",
                "xor 8-8-8 identity glorot adam lr=0.03",
                400,
                below(0.8),
                ("xor-bend",),
            ),
            _preset(
                "xor-bend",
                "One layer that bends: XOR",
                "01",
                "Each small picture is one unit: dark on one side of a line, flat on the other. "
                "The border is put together from their kinks.",
                "xor 8 relu he adam lr=0.03",
                400,
                solved,
            ),
            _preset(
                "tanh-too-small",
                "A bend that is not used: tanh near 0",
                "01",
                "The weights start so small that every tanh works where it is straight. The border "
                "leaves the picture at the first step. Watch how long the loss stays at 0.69.",
                "xor 8 tanh normal gain=0.001 sgd lr=0.1",
                800,
                stuck_at_ln_2,
                ("tanh-in-use",),
            ),
            _preset(
                "tanh-in-use",
                "The same with a start of the right size",
                "01",
                "Same network, same learning rate. The units bend within the data from the first "
                "step on, and the border follows.",
                "xor 8 tanh glorot sgd lr=0.1",
                800,
                solved,
            ),
            _preset(
                "two-tanh-units",
                "Two units around a blob",
                "02",
                "Two units make a strip or a corner, and neither is closed. Try other seeds: "
                "the loop never closes.",
                "rings 2 tanh glorot adam lr=0.03",
                1000,
                below(0.95),
                ("four-tanh-units",),
            ),
            _preset(
                "four-tanh-units",
                "Four units around a blob",
                "02",
                "Three half-planes are the least that close a loop; with a fourth it closes at "
                "once. Point at the small pictures to see which side each unit takes.",
                "rings 4 tanh glorot adam lr=0.03",
                1000,
                solved,
            ),
            _preset(
                "saturated-start",
                "Saturated before it starts",
                "03",
                "Weights of this size push nearly every sigmoid into a flat tail. Watch the share "
                "of flat slopes: it stays, while the border wanders.",
                "rings 8 sigmoid normal gain=50 sgd lr=0.3",
                600,
                saturated(0.6),
                ("sigmoid-fresh",),
            ),
            _preset(
                "sigmoid-fresh",
                "The same sigmoids where they slope",
                "03",
                "With Glorot's start hardly a slope is flat. It is slow at first, then the loop "
                "closes.",
                "rings 8 sigmoid glorot sgd lr=1",
                1500,
                solved,
            ),
            _preset(
                "spirals-sigmoid",
                "The spirals with sigmoids",
                "04",
                "Two layers of sigmoids, at a learning rate that suits them. Watch how long the "
                "border takes to follow the arms: at step 200 it has hardly begun.",
                "spirals 16-16 sigmoid glorot momentum lr=2",
                200,
                below(0.9),
                ("spirals-relu",),
            ),
            _preset(
                "spirals-relu",
                "The spirals with ReLU",
                "04",
                "The same layers, again at a rate that suits them, and the arms are apart long "
                "before step 200. How many times quicker depends on the data and on the depth.",
                "spirals 16-16 relu he momentum lr=0.5",
                200,
                solved,
            ),
            _preset(
                "dying-relu",
                "Killed by a large step",
                "05",
                "Press Step, and watch the units: one step too large throws them to where they "
                "are off for every point. Of a layer that is struck out whole none comes back.",
                "rings 8-8 relu he sgd lr=10",
                300,
                lambda replay: dead(0.9)(replay) and not solved(replay),
                ("smaller-step",),
            ),
            _preset(
                "smaller-step",
                "The same with a smaller step",
                "05",
                "Same network, same start, a smaller learning rate. At most a unit or two die, "
                "and the others do not miss them.",
                "rings 8-8 relu he sgd lr=0.3",
                300,
                lambda replay: solved(replay) and not dead(0.5)(replay),
            ),
            _preset(
                "born-dead",
                "Born dead: biases far below zero",
                "05",
                "Nearly every unit is off for every point from the start. Their gradients are "
                "exactly 0, so only the few survivors learn.",
                "rings 16 relu he bias=-5 adam lr=0.03",
                400,
                lambda replay: dead(0.7)(replay) and not solved(replay),
                ("leaky-comes-back", "elu-comes-back"),
            ),
            _preset(
                "leaky-comes-back",
                "The same start with Leaky ReLU",
                "05",
                "A slope of 0.01 on the left is enough for the units to crawl back. The loss "
                "falls on where that of ReLU stays.",
                "rings 16 leaky_relu he bias=-5 adam lr=0.03",
                1500,
                solved,
            ),
            _preset(
                "elu-comes-back",
                "The same start with ELU",
                "05",
                "On the left the slope of ELU fades smoothly, and at −5 enough of it is left.",
                "rings 16 elu he bias=-5 adam lr=0.03",
                1500,
                solved,
            ),
            _preset(
                "sure-and-wrong",
                "Sure, wrong, and squared error",
                "06",
                "The output starts near −10 for every point, a confident no. The squared error of "
                "a sigmoid is flat there: half the points are wrong, and hardly anything moves.",
                "blobs 0 outbias=-10 squared sgd lr=0.3",
                500,
                below(0.6),
                ("cross-entropy-instead",),
            ),
            _preset(
                "cross-entropy-instead",
                "The same with cross-entropy",
                "06",
                "The gradient of cross-entropy is the error itself, so the larger the mistake the "
                "larger the step.",
                "blobs 0 outbias=-10 sgd lr=0.3",
                500,
                lambda replay: replay.best >= 0.98,
            ),
            _preset(
                "softmax-for-labels",
                "Softmax where both labels may apply",
                "06",
                "A point may lie in one disc, in both, or in none. The two shares add up to 1: "
                "where one goes up the other goes down, so it never says both, and never none.",
                "discs 8-8 tanh glorot adam lr=0.03 out=softmax",
                600,
                below(0.5),
                ("sigmoid-for-each-label",),
            ),
            _preset(
                "sigmoid-for-each-label",
                "The same with a sigmoid for each label",
                "06",
                "Each output is judged by itself, and has a border of its own. Where the discs "
                "overlap, both say yes.",
                "discs 8-8 tanh glorot adam lr=0.03",
                1000,
                solved,
            ),
            _preset(
                "sigmoid-for-a-number",
                "A sigmoid where the answer is a number",
                "06",
                "The heights go from −1 to 1, and a sigmoid says 0 at the least. The hills are "
                "found, and the hollows stay out of its reach however long you play.",
                "hills 8-8 tanh glorot adam lr=0.03 out=sigmoid",
                600,
                misses(0.4),
                ("hills-fitted",),
            ),
            _preset(
                "raw-prices",
                "Prices in euros, as they are",
                "06",
                "The same hills as prices around 250 000. Each step moves a weight by about the "
                "learning rate, and that far is out of reach. Always saying the mean would be "
                "better.",
                "hills raw 8-8 tanh glorot adam lr=0.03",
                600,
                misses(1),
                ("hills-fitted",),
            ),
            _preset(
                "hills-fitted",
                "The same hills from −1 to 1, and nothing at the output",
                "06",
                "Nothing stands between the last layer and the answer, and the targets are of the "
                "size that a fresh network says.",
                "hills 8-8 tanh glorot adam lr=0.03",
                600,
                fitted,
            ),
            _preset(
                "sigmoid-20",
                "Twenty layers of sigmoids",
                "07",
                "The loss lies at 0.693 = ln 2, the best constant guess. The gradient shrinks "
                "from layer to layer on its way back: look at the log scale.",
                "rings 32x20 sigmoid glorot sgd lr=0.1",
                300,
                stuck_at_ln_2,
                ("relu-20", "sigmoid-20-batchnorm", "sigmoid-20-residual", "sigmoid-20-gain-4"),
            ),
            _preset(
                "relu-20",
                "Twenty layers of ReLU with He's start",
                "07",
                "Slope 1 where a unit is on, and weights that fit the width: the gradient keeps "
                "within two powers of ten.",
                "rings 32x20 relu he sgd lr=0.1",
                600,
                solved,
            ),
            _preset(
                "relu-default-start",
                "ReLU alone is no cure: PyTorch's default start",
                "07",
                "ReLU again, ten layers, and stuck at 0.693: the weights are too small by a "
                "factor each layer, and the factors multiply.",
                "rings 32x10 relu pytorch sgd lr=0.1",
                400,
                stuck_at_ln_2,
                ("relu-he-start", "relu-batchnorm"),
            ),
            _preset(
                "relu-he-start",
                "The same with He's start",
                "07",
                "Only the start has changed. Compare the gradient norms by layer.",
                "rings 32x10 relu he sgd lr=0.1",
                400,
                solved,
            ),
            _preset(
                "exploding",
                "Exploding: weights from N(0, 1)",
                "07",
                "Every layer makes the signal several times larger, and the gradient too. The "
                "loss is no number any more within a few steps.",
                "rings 32x10 relu normal sgd lr=0.1",
                100,
                diverged,
                ("relu-he-start",),
            ),
            _preset(
                "relu-batchnorm",
                "PyTorch's default start and batch normalisation",
                "08",
                "Whatever the start has shrunk, each layer stretches again to mean 0 and spread 1.",
                "rings 32x10 relu pytorch batchnorm sgd lr=0.1",
                300,
                solved,
            ),
            _preset(
                "sigmoid-20-batchnorm",
                "Twenty layers of sigmoids and batch normalisation",
                "08",
                "The sigmoids that were stuck, start and rate as before. The gradient is of one "
                "size in nearly all layers, and the loss falls, if not smoothly.",
                "rings 32x20 sigmoid glorot batchnorm sgd lr=0.1",
                600,
                solved,
            ),
            _preset(
                "sigmoid-20-residual",
                "Twenty layers of sigmoids and residual connections",
                "08",
                "The gradient has a way around each layer that nothing damps. Watch the flat "
                "slopes all the same: they grow while the loss falls.",
                "rings 32x20 sigmoid glorot residual adam lr=0.01",
                600,
                solved,
            ),
            _preset(
                "sigmoid-20-gain-4",
                "Four times Glorot's start and Adam",
                "08",
                "A gain of 4 undoes the slope of a quarter. With Adam, twenty layers of sigmoids "
                "learn.",
                "rings 32x20 sigmoid glorot gain=4 adam lr=0.003",
                1000,
                solved,
            ),
            _preset(
                "blocks-overflow",
                "Residual connections that overflow",
                "08",
                "Every block of ReLUs adds to what runs past it and takes nothing away, so signal "
                "and gradient grow from block to block. The loss is no number any more.",
                "rings 32x20 relu pytorch residual sgd lr=0.3",
                100,
                diverged,
                ("blocks-small-rate", "blocks-batchnorm"),
            ),
            _preset(
                "blocks-small-rate",
                "The same with a small learning rate",
                "08",
                "The gradient is as large as before. Steps that are small enough bear it.",
                "rings 32x20 relu pytorch residual sgd lr=0.01",
                400,
                solved,
            ),
            _preset(
                "blocks-batchnorm",
                "The same with batch normalisation",
                "08",
                "Inside each block the spread is set to 1, so what a block adds is of one size: "
                "the growth is slow, and the large rate will do.",
                "rings 32x20 relu pytorch residual batchnorm sgd lr=0.3",
                300,
                solved,
            ),
        )
    )
)
