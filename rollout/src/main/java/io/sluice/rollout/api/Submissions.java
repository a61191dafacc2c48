package io.sluice.rollout.api;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.driver.RolloutEngine.Submission;
import io.sluice.rollout.preflight.Finding;
import io.sluice.rollout.preflight.Preflight;
import io.sluice.rollout.preflight.Verdict;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of a new rollout into the engine: find the pool, have the instances look at the configuration, submit. A configuration that an
 * instance refuses ends here with every mistake, so that the caller need not follow a rollout to learn of them; the engine asks once more
 * when it starts, since the fleet may have changed by then.
 */
final class Submissions {
    private final RolloutEngine engine;
    private final ProxyClient proxy;
    private final Preflight preflight;
    private final RolloutDefaults defaults;

    Submissions(RolloutEngine engine, ProxyClient proxy, Preflight preflight, RolloutDefaults defaults) {
        this.engine = engine;
        this.proxy = proxy;
        this.preflight = preflight;
        this.defaults = defaults;
    }

    Future<Submission> submit(RolloutBody body, String author, @Nullable String idempotencyKey) {
        if (!body.config().isObject()) {
            throw invalidConfig(List.of(
                            new ProblemError("", "not an object (expected: the document, or a bundle of both)")))
                    .asException();
        }
        return pool(body.pool())
                .compose(pool -> check(pool, body).map(pool.pool()))
                .compose(pool -> engine.submit(body.request(pool, author, defaults), idempotencyKey))
                .recover(Refusals::translated);
    }

    private Future<PoolView> pool(@Nullable String name) {
        return proxy.pools().map(list -> {
            List<PoolView> pools = list.pools();
            List<PoolView> named = pools.stream()
                    .filter(pool -> name == null || pool.pool().equals(name))
                    .toList();
            if (named.size() == 1) {
                return named.get(0);
            }
            String known = String.join(", ", pools.stream().map(PoolView::pool).toList());
            throw Problem.of("unknown-pool", 422, "Which pool?")
                    .withErrors(List.of(new ProblemError(
                            "/pool", (name == null ? "missing" : name) + " (expected: one of " + known + ")")))
                    .asException();
        });
    }

    private Future<Void> check(PoolView pool, RolloutBody body) {
        List<InstanceRef> instances = new ArrayList<>();
        for (BackendView backend : pool.backends()) {
            String adminUrl = backend.adminUrl();
            if (adminUrl != null) {
                instances.add(new InstanceRef(backend.id(), adminUrl));
            }
        }
        return preflight.check(instances, body.type(), body.config()).map(verdict -> {
            if (!verdict.isAccepted()) {
                throw refusal(pool, verdict).asException();
            }
            return null;
        });
    }

    private static Problem refusal(PoolView pool, Verdict verdict) {
        if (verdict.findings().isEmpty()) {
            return Problem.of("no-instance-reachable", 503, "No instance can look at the configuration")
                    .withDetail("pool " + pool.pool() + " has "
                            + pool.backends().size() + " backends, unreachable: " + verdict.unreachable());
        }
        return invalidConfig(verdict.findings().stream()
                        .map(finding -> new ProblemError(finding.pointer(), detail(finding)))
                        .toList())
                .withDetail("no instance was touched")
                .with("findings", verdict.findings());
    }

    private static Problem invalidConfig(List<ProblemError> errors) {
        return Problem.of("invalid-config", 422, "The configuration is refused").withErrors(errors);
    }

    private static String detail(Finding finding) {
        String file = finding.file().isEmpty() ? "" : finding.file() + ": ";
        return file + finding.message() + (finding.hint() == null ? "" : " (" + finding.hint() + ")");
    }
}
