package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.api.HealthReport;
import io.sluice.rollout.driver.ControlException.Kind;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An instance as its admin API shows it. */
final class SimulatedInstance {
    private final String id;
    private final Clock clock;
    private final Set<String> holders = new TreeSet<>();
    private final Set<String> sickOn = new HashSet<>();
    private final List<ConfigProblem> objections = new ArrayList<>();
    private JsonNode webhooks;
    private JsonNode connections;
    private long generation = 1;
    private long inFlight;
    private boolean reachable = true;
    private int changesWhileServing;

    SimulatedInstance(String id, Clock clock, JsonNode webhooks, JsonNode connections) {
        this.id = id;
        this.clock = clock;
        this.webhooks = webhooks;
        this.connections = connections;
    }

    /** With this configuration its checks fail. */
    void sickenOn(String hash) {
        sickOn.add(hash);
    }

    /** It is well with every configuration. */
    void heal() {
        sickOn.clear();
    }

    /** It refuses every new configuration for this reason. */
    void object(ConfigProblem problem) {
        objections.add(problem);
    }

    void cutOff() {
        reachable = false;
    }

    /** Starts again with these documents and without any drain. */
    void restart(JsonNode newWebhooks, JsonNode newConnections) {
        reachable = true;
        holders.clear();
        webhooks = newWebhooks;
        connections = newConnections;
        inFlight = 0;
        generation++;
    }

    boolean isReachable() {
        return reachable;
    }

    boolean isDraining() {
        return !holders.isEmpty();
    }

    Set<String> holders() {
        return holders;
    }

    boolean isEmpty() {
        return inFlight == 0;
    }

    boolean isHealthy() {
        return !sickOn.contains(hash());
    }

    String hash() {
        return ConfigHash.ofBundle(webhooks, connections);
    }

    int changesWhileServing() {
        return changesWhileServing;
    }

    void begin() {
        inFlight++;
    }

    void end() {
        inFlight = Math.max(0, inFlight - 1);
    }

    HealthReport health() {
        String status = isDraining() ? "draining" : isHealthy() ? "healthy" : "unhealthy";
        HealthCheck check = new HealthCheck(isHealthy() ? "pass" : "fail", null);
        return new HealthReport(
                status, "ready", clock.instant(), id, status, generation, hash(), Map.of("configuration", check));
    }

    ConfigVersion version() {
        return new ConfigVersion(
                ConfigHash.of(webhooks), ConfigHash.of(connections), generation, hash(), clock.instant(), "test", id);
    }

    ConfigDocuments documents() {
        return new ConfigDocuments(
                webhooks, connections, ConfigHash.of(webhooks), ConfigHash.of(connections), hash(), generation, id);
    }

    DrainStatus drain(DrainRequest request) {
        holders.add(holder(request));
        return drainStatus();
    }

    DrainStatus undrain(DrainRequest request) {
        holders.remove(holder(request));
        return drainStatus();
    }

    DrainStatus drainStatus() {
        String state = !isDraining() ? "active" : inFlight == 0 ? "drained" : "draining";
        return new DrainStatus(
                state, isDraining(), state, List.copyOf(holders), inFlight, 0, id, clock.instant(), state);
    }

    ConfigUpdateResult update(ConfigUpdateRequest request) {
        if (!objections.isEmpty()) {
            throw new ControlException(Kind.INVALID, "invalid", objections, null);
        }
        JsonNode config = request.config();
        JsonNode nextWebhooks = request.type() == ConfigType.WEBHOOKS ? config : webhooks;
        JsonNode nextConnections = request.type() == ConfigType.CONNECTIONS ? config : connections;
        if (request.type() == ConfigType.BUNDLE) {
            nextWebhooks = config.path("webhooks");
            nextConnections = config.path("connections");
        }
        String next = ConfigHash.ofBundle(nextWebhooks, nextConnections);
        boolean changed = !next.equals(hash());
        boolean validates = Boolean.TRUE.equals(request.validateOnly());
        if (changed && !validates) {
            requireMatch(request);
            if (inFlight > 0) {
                changesWhileServing++;
            }
            webhooks = nextWebhooks;
            connections = nextConnections;
            generation++;
        }
        return new ConfigUpdateResult(
                "ok",
                changed,
                id,
                generation,
                next,
                ConfigHash.of(nextWebhooks),
                ConfigHash.of(nextConnections),
                List.of(),
                clock.instant(),
                next);
    }

    private void requireMatch(ConfigUpdateRequest request) {
        String current = switch (request.type()) {
            case WEBHOOKS -> ConfigHash.of(webhooks);
            case CONNECTIONS -> ConfigHash.of(connections);
            case BUNDLE -> hash();
        };
        @Nullable String expected = request.ifHash();
        if (expected != null && !expected.equals(current)) {
            throw new ControlException(Kind.CONFLICT, "runs " + current);
        }
    }

    private static String holder(DrainRequest request) {
        String holder = request.holder();
        return holder == null ? "operator" : holder;
    }
}
