//! Frames of other people's code that surround the company's own. The packages do not exist.

use crate::simulator::company::{Language, Spot, spot};

/// What stands on the stack above the company's own code, outermost first.
pub fn frames(language: Language) -> &'static [Spot] {
    match language {
        Language::Python => PYTHON,
        Language::JavaScript => JAVASCRIPT,
    }
}

static PYTHON: &[Spot] = &[
    spot(
        "harbourmaster/server/worker.py",
        "serve_one",
        211,
        "        while self.alive:\n            job = self.queue.take()\n>            answer = self.handler(job.request)\n            job.finish(answer)\n        self.log.debug(\"worker is done\")",
    ),
    spot(
        "harbourmaster/server/trace.py",
        "traced",
        48,
        "    def traced(*args, **named):\n        with span(function.__qualname__):\n>            return function(*args, **named)\n    return traced",
    ),
    spot(
        "keel/app.py",
        "__call__",
        133,
        "    def __call__(self, request):\n        context = self.context(request)\n>        return self.chain(request, context)",
    ),
    spot(
        "keel/chain.py",
        "step",
        77,
        "        try:\n            before(request, context)\n>            answer = following(request, context)\n        finally:\n            context.leave(name)",
    ),
    spot(
        "keel/parts/session.py",
        "with_session",
        29,
        "    session = sessions.find(request.cookie(NAME))\n    context.session = session or Session.empty()\n>    return following(request, context)",
    ),
    spot(
        "keel/parts/limits.py",
        "with_limits",
        54,
        "    bucket = buckets.of(request.peer)\n    if bucket.spent():\n        return TooMany()\n>    return following(request, context)",
    ),
    spot(
        "keel/routing.py",
        "dispatch",
        162,
        "        route, words = self.tree.find(request.path)\n        if route is None:\n            return NotFound()\n>        return route.view(request, **words)",
    ),
    spot(
        "ballast/transaction.py",
        "inside",
        91,
        "        savepoint = self.connection.savepoint()\n        try:\n>            result = function(*args, **named)\n        except BaseException:\n            savepoint.undo()\n            raise",
    ),
];

static JAVASCRIPT: &[Spot] = &[
    spot(
        "./node_modules/capstan/dist/scheduler.js",
        "flushWork",
        318,
        "  while (task !== null && !mustYield()) {\n    const callback = task.callback;\n>    const next = callback(task.expires <= now);\n    task.callback = next ?? null;\n  }",
    ),
    spot(
        "./node_modules/capstan/dist/reconcile.js",
        "performUnit",
        1204,
        "function performUnit(unit) {\n  const before = unit.alternate;\n>  let next = beginUnit(before, unit, lanes);\n  unit.props = unit.pending;",
    ),
    spot(
        "./node_modules/capstan/dist/reconcile.js",
        "beginUnit",
        988,
        "    case COMPONENT: {\n      const Component = unit.type;\n>      return renderComponent(before, unit, Component, lanes);\n    }",
    ),
    spot(
        "./node_modules/capstan/dist/hooks.js",
        "renderComponent",
        402,
        "  current = unit;\n  unit.memory = null;\n>  const children = Component(props, reference);\n  finishHooks();",
    ),
    spot(
        "./node_modules/halyard/dist/events.js",
        "invokeGuarded",
        57,
        "export function invokeGuarded(listener, event) {\n  try {\n>    listener.call(event.currentTarget, event);\n  } catch (problem) {\n    remember(problem);\n  }\n}",
    ),
    spot(
        "./node_modules/halyard/dist/events.js",
        "dispatchBatch",
        143,
        "  for (const { listener, target } of batch) {\n    event.currentTarget = target;\n>    invokeGuarded(listener, event);\n  }",
    ),
    spot(
        "./node_modules/tiller/dist/router.js",
        "runLoaders",
        266,
        "    const matches = match(routes, location);\n>    const results = await Promise.all(matches.map((found) => found.load(found)));\n    return join(matches, results);",
    ),
];
