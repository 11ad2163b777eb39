/** The style of a report's page, and of the charts in it. Its digest is in the page's policy, so nothing of a stranger may ever stand in here. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --shade: #f3f5f7; --good: #1a7f37; --bad: #b3261e; --candidate: #b34700; --baseline: #0067a3; --difference: #59636e; --gone: #ffdcd7; --new: #d3f0d9 }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #30363d; --shade: #161b22; --good: #57ab5a; --bad: #f47067; --candidate: #f0a35e; --baseline: #6cb6ff; --difference: #9198a1; --gone: #5d1f1a; --new: #1b4721 } }
body { background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem } h3 { font-size: .85rem; margin: 0; color: var(--soft) }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: .5rem 0 } th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top } th { color: var(--soft); font-weight: 600 }
pre, code { font: 13px/1.45 ui-monospace, monospace } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--shade); padding: .6rem; margin: .2rem 0 }
.soft { color: var(--soft) } .bad { color: var(--bad) } .tag { background: var(--shade); border-radius: 3px; padding: 0 .4rem; font-size: .85rem }
.standing { padding: .1rem .5rem; border-radius: 3px; color: var(--ground); background: var(--soft) } .standing.pass { background: var(--good) } .standing.fail, .standing.could_not_run { background: var(--bad) }
details { border: 1px solid var(--line); border-radius: 4px; padding: .4rem .8rem; margin: .4rem 0 } summary { cursor: pointer }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem } dt { color: var(--soft) } dd { margin: 0 }
del { background: var(--gone) } ins { background: var(--new); text-decoration: none }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem } figure { margin: 0 } figcaption { font-weight: 600 }
.key { font-weight: 400 } .key.candidate { color: var(--candidate) } .key.baseline { color: var(--baseline) }
svg { width: 100%; height: auto } svg text { fill: var(--text); font-size: 11px } svg text.soft { fill: var(--soft) } .grid { stroke: var(--line) } .axis { stroke: var(--soft) }
.bar.candidate { fill: var(--candidate) } .bar.baseline { fill: var(--baseline) } .bar.difference { fill: var(--difference) }
.range { stroke-width: 3; stroke: var(--difference) } .range.good { stroke: var(--good) } .range.bad { stroke: var(--bad) } .point { fill: var(--difference) } .point.good { fill: var(--good) } .point.bad { fill: var(--bad) }
`;
