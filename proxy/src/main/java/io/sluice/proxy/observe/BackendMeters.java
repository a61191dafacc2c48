package io.sluice.proxy.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.pool.Backend;
import java.util.List;

/** The series of one backend id, which go when it does. A new incarnation takes them over. */
final class BackendMeters {
    private static final int SUCCESS = 0;
    private static final int FAILURE = 1;
    private static final int CANCELLED = 2;
    private static final LazyCounters.Metric ATTEMPTS = new LazyCounters.Metric(
            "sluice.proxy.upstream.attempts",
            "Attempts on the backend.",
            "outcome",
            List.of("success", "failure", "cancelled"));
    private static final LazyCounters.Metric RESPONSES = new LazyCounters.Metric(
            "sluice.proxy.upstream.responses",
            "Responses of the backend, by class of status.",
            "code",
            List.of("1xx", "2xx", "3xx", "4xx", "5xx"));

    private final LazyCounters attempts;
    private final LazyCounters responses;
    private final BackendGauges.OfBackend gauges;

    BackendMeters(MeterRegistry registry, SeriesBudget budget, BackendGauges gauges, Backend backend) {
        this.attempts = new LazyCounters(registry, budget, ATTEMPTS, backend.pool(), backend.id());
        this.responses = new LazyCounters(registry, budget, RESPONSES, backend.pool(), backend.id());
        this.gauges = gauges.add(backend);
    }

    void takeOver(Backend incarnation) {
        gauges.takeOver(incarnation);
    }

    boolean isAbout(Backend backend) {
        return gauges.current().equals(backend);
    }

    void count(FinishedAttempt attempt) {
        Failure failure = attempt.failure();
        int status = attempt.status();
        if (failure != null) {
            attempts.increment(FAILURE);
        } else {
            attempts.increment(status == 0 ? CANCELLED : SUCCESS);
        }
        int codeClass = status / 100 - 1;
        if (codeClass >= 0 && codeClass < RESPONSES.values().size()) {
            responses.increment(codeClass);
        }
    }

    void remove() {
        attempts.remove();
        responses.remove();
        gauges.remove();
    }
}
