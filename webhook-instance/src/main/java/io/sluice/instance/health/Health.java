package io.sluice.instance.health;

import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.api.HealthReport;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.configuration.Origin;
import io.sluice.instance.drain.Drain;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says how this instance is. A drain comes first in the status, while the checks go on saying how it would be without: who drained it on
 * purpose can tell whether it is fit to come back.
 */
public final class Health {
    private static final String DRAINING = "draining";
    private static final String UNHEALTHY = "unhealthy";

    private final String instanceId;
    private final CurrentConfiguration configuration;
    private final Drain drain;
    private final List<Check> checks;
    private final Clock clock;

    public Health(String instanceId, CurrentConfiguration configuration, Drain drain, List<Check> checks, Clock clock) {
        this.instanceId = instanceId;
        this.configuration = configuration;
        this.drain = drain;
        this.checks = List.copyOf(checks);
        this.clock = clock;
    }

    /** A report now; {@code more} are results of checks that took time. */
    public HealthReport report(Map<String, HealthCheck> more) {
        Configuration running = configuration.get();
        Map<String, HealthCheck> results = new LinkedHashMap<>();
        results.put("config", configurationCheck(running));
        checks.forEach(check -> results.put(check.name(), check.run().get()));
        results.putAll(more);
        boolean lastKnownGood = running.origin().source() == Origin.Source.LAST_KNOWN_GOOD;
        String status = status(results);
        return new HealthReport(
                status,
                lastKnownGood ? "last_known_good" : "active",
                clock.instant(),
                instanceId,
                message(status),
                running.generation(),
                running.hash(),
                results);
    }

    /** The HTTP status that goes with a report. */
    public static int httpStatus(HealthReport report) {
        return report.status().equals(DRAINING) || report.status().equals(UNHEALTHY) ? 503 : 200;
    }

    private String status(Map<String, HealthCheck> results) {
        if (!drain.isActive()) {
            return DRAINING;
        }
        if (any(results, "fail")) {
            return UNHEALTHY;
        }
        return any(results, "warn") ? "degraded" : "healthy";
    }

    private static boolean any(Map<String, HealthCheck> results, String status) {
        return results.values().stream().anyMatch(check -> check.status().equals(status));
    }

    private static HealthCheck configurationCheck(Configuration running) {
        return running.origin().source() == Origin.Source.LAST_KNOWN_GOOD
                ? Check.warn("what was pushed last cannot run here; generation " + running.generation() + " does")
                : Check.PASS;
    }

    private static String message(String status) {
        return switch (status) {
            case DRAINING -> "Instance is draining";
            case UNHEALTHY -> "Instance cannot take requests";
            case "degraded" -> "Instance works, see checks";
            default -> "Instance is healthy";
        };
    }
}
