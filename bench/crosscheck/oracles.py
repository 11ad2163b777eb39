"""The same cases by scipy, statsmodels, scikit-learn and confseq: JSON in, JSON out. null where a package says nothing about a case."""
import json
import math
import sys
import warnings
from importlib.metadata import version

import numpy as np
from scipy import optimize, special, stats
from sklearn.metrics import cohen_kappa_score
import statsmodels.api as sm
from statsmodels.stats.contingency_tables import mcnemar as sm_mcnemar

try:
    from confseq import boundaries, quantiles
except ImportError:
    boundaries = quantiles = None

warnings.filterwarnings("ignore")


def labels(table):
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def beta_binomial_two_sided(q):
    k, n, p0, g, h = (q[name] for name in ("k", "n", "p0", "g", "h"))
    return special.betaln(k + g, n - k + h) - special.betaln(g, h) - k * math.log(p0) - (n - k) * math.log1p(-p0)


def beta_binomial_one_sided(q):
    k, n, p0, g, h = (q[name] for name in ("k", "n", "p0", "g", "h"))
    above, prior = stats.beta.logsf(p0, k + g, n - k + h), stats.beta.logsf(p0, g, h)
    return beta_binomial_two_sided(q) + above - prior


def conditional(q):
    ka, na, kb, nb, psi = (q[name] for name in ("ka", "na", "kb", "nb", "psi"))
    bad = ka + kb
    law = lambda odds: stats.nchypergeom_fisher.logpmf(kb, na + nb, nb, bad, odds)
    return law(psi) - law(1.0)


def dirichlet(q):
    counts, shares = np.array(q["counts"]), np.array(q["shares"])
    return stats.dirichlet_multinomial.logpmf(counts, q["prior"] * shares, counts.sum()) - stats.multinomial.logpmf(counts, counts.sum(), shares)


def cluster_error(q):
    d, groups = np.array(q["d"]), np.array(q["groups"])
    fitted = sm.OLS(d, np.ones(len(d))).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    return fitted.bse[0]


def ac1(q):
    table = np.array(q["table"], dtype=float)
    shares = table / table.sum()
    mean = (shares.sum(0) + shares.sum(1)) / 2
    chance = (mean * (1 - mean)).sum() / (len(table) - 1)
    return (np.trace(shares) - chance) / (1 - chance)


def kappa_by(weights):
    return lambda q: cohen_kappa_score(*labels(q["table"]), weights=weights)


def entropy(p, q):
    return special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)


def rate_bound(q):
    stable, candidate, weight, line = (q[name] for name in ("stable", "candidate", "weight", "line"))
    cost = lambda a: weight * entropy(candidate, a + line) + (1 - weight) * entropy(stable, a)
    return optimize.minimize_scalar(cost, bounds=(1e-12, 1 - line - 1e-12), method="bounded", options={"xatol": 1e-14}).fun


def bounded_bound(q):
    (xa, pa), (xb, pb) = (np.array(q[arm]).T for arm in ("stable", "candidate"))
    cap, weight = q["cap"], q["weight"]
    ratio = weight / (1 - weight)

    def cost(at):
        l, m = at
        a, b = 1 - ratio * (l * xa - m), 1 + l * xb - m
        if min(a.min(), b.min()) <= 0:
            return 1e3
        return -((1 - weight) * (pa * np.log(a)).sum() + weight * (pb * np.log(b)).sum())

    limits = [{"type": "ineq", "fun": lambda at: 1 - ratio * (at[0] * cap - at[1])}, {"type": "ineq", "fun": lambda at: 1 - at[1]},
              {"type": "ineq", "fun": lambda at: at[1]}, {"type": "ineq", "fun": lambda at: at[0] * cap - at[1]}]
    starts = [(l, l * c) for l in (0.05, 0.2, 0.6) for c in (0.2, 0.5)]
    return -min(optimize.minimize(cost, start, constraints=limits, method="SLSQP", options={"ftol": 1e-15, "maxiter": 1000}).fun for start in starts)


def quantile_p(q):
    return quantiles.quantile_ab_p_value(q["a"], q["b"], quantile_p=q["p"], t_opt=100, alpha_opt=0.05)


def required(q):
    return ((stats.norm.ppf(1 - q["alpha"]) + stats.norm.ppf(q["power"])) * q["sd"] / q["delta"]) ** 2


def v_opt_of(rho, sides, alpha=0.05):
    log = -2 * math.log(alpha if sides == 2 else 2 * alpha)
    return rho * (log + math.log1p(log))


ORACLES = {
    "logGamma": ("scipy", lambda q: special.gammaln(q[0])),
    "logPhi": ("scipy", lambda q: special.log_ndtr(q[0])),
    "normalQuantile": ("scipy", lambda q: special.ndtri(q[0])),
    "logBeta": ("scipy", lambda q: special.betaln(q[0], q[1])),
    "incompleteBeta": ("scipy", lambda q: special.betainc(q[1], q[2], q[0])),
    "tQuantile": ("scipy", lambda q: stats.t.ppf(q[0], q[1])),
    "tUpper": ("scipy", lambda q: stats.t.sf(q[0], q[1])),
    "lambertWm1": ("scipy", lambda q: special.lambertw(q[0], -1).real),
    "betaBinomial, two-sided": ("scipy", beta_binomial_two_sided),
    "betaBinomial, one-sided": ("scipy", beta_binomial_one_sided),
    "normal mixture, two-sided": ("confseq", lambda q: boundaries.normal_log_mixture(q[0], q[1], v_opt_of(q[2], 2), alpha_opt=0.05, is_one_sided=False)),
    "normal mixture, one-sided": ("confseq", lambda q: boundaries.normal_log_mixture(q[0], q[1], v_opt_of(q[2], 1), alpha_opt=0.05, is_one_sided=True)),
    "quantiles of two arms": ("confseq", quantile_p),
    "split, Dirichlet": ("scipy", dirichlet),
    "conditional factor": ("scipy", conditional),
    "McNemar, exact": ("statsmodels", lambda q: sm_mcnemar([[0, q[0]], [q[1], 0]], exact=True).pvalue),
    "paired t": ("scipy", lambda q: stats.ttest_1samp(q["d"], 0).statistic),
    "paired t, one-sided p": ("scipy", lambda q: stats.ttest_1samp(q["d"], 0, alternative="greater").pvalue),
    "cluster-robust error": ("statsmodels", cluster_error),
    "Wilcoxon, Pratt, W": ("scipy", lambda q: stats.wilcoxon(q["d"], zero_method="pratt", correction=False, method="approx").statistic),
    "Wilcoxon, Pratt, p": ("scipy", lambda q: stats.wilcoxon(q["d"], zero_method="pratt", correction=False, method="approx").pvalue),
    "kappa": ("scikit-learn", kappa_by(None)),
    "kappa, linear": ("scikit-learn", kappa_by("linear")),
    "kappa, quadratic": ("scikit-learn", kappa_by("quadratic")),
    "AC1": ("numpy, from its formula", ac1),
    "required cases": ("scipy, from its formula", required),
    "information bound, rates": ("scipy, minimised", rate_bound),
    "information bound I*, bounded means": ("scipy, maximised", bounded_bound),
}


def main():
    theirs = []
    for case in json.load(sys.stdin):
        package, oracle = ORACLES[case["method"]]
        value = math.nan if package == "confseq" and boundaries is None else float(oracle(case["input"]))
        theirs.append(value if math.isfinite(value) else None)
    packages = ("numpy", "scipy", "statsmodels", "scikit-learn") + (() if boundaries is None else ("confseq",))
    json.dump({"versions": {name: version(name) for name in packages}, "theirs": theirs, "oracles": {name: own for name, (own, _) in ORACLES.items()}}, sys.stdout)


main()
