package io.sluice.rollout.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateFailure;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.ConfigVersion;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.api.HealthReport;
import io.sluice.instance.api.InstancePaths;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** An instance that takes every configuration but those holding a {@code mistakes} array of JSON pointers. */
public final class FakeInstance extends FakeServer {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final String id;
    private final TreeSet<String> holders = new TreeSet<>();
    private JsonNode webhooks = Json.mapper().createObjectNode();
    private JsonNode connections = Json.mapper().createObjectNode();
    private long generation = 1;

    public FakeInstance(Vertx vertx, String id) {
        super(vertx);
        this.id = id;
    }

    public synchronized FakeInstance runs(JsonNode newWebhooks, JsonNode newConnections) {
        webhooks = newWebhooks;
        connections = newConnections;
        generation++;
        return this;
    }

    public String id() {
        return id;
    }

    public synchronized String hash() {
        return ConfigHash.ofBundle(webhooks, connections);
    }

    public synchronized JsonNode webhooks() {
        return webhooks;
    }

    public synchronized boolean isDraining() {
        return !holders.isEmpty();
    }

    /** Changes that were asked for; validations are none. */
    public List<Received> updates() {
        return received.stream()
                .filter(request -> request.path().equals(InstancePaths.CONFIG_UPDATE)
                        && !request.body().contains("\"validate_only\":true"))
                .toList();
    }

    @Override
    Future<Reply> reply(Received request) throws IOException {
        return Future.succeededFuture(
                switch (request.method() + " " + request.path()) {
                    case "GET " + InstancePaths.HEALTH -> health();
                    case "GET " + InstancePaths.CONFIG_VERSION -> Reply.of(200, version());
                    case "GET " + InstancePaths.CONFIG -> Reply.of(200, documents());
                    case "GET " + InstancePaths.DRAIN_STATUS -> drainStatus();
                    case "POST " + InstancePaths.DRAIN -> {
                        holders.add(holder(request));
                        yield drainStatus();
                    }
                    case "POST " + InstancePaths.UNDRAIN -> {
                        holders.remove(holder(request));
                        yield drainStatus();
                    }
                    case "POST " + InstancePaths.CONFIG_UPDATE ->
                        update(Json.mapper().readValue(request.body(), ConfigUpdateRequest.class));
                    default -> problem(404, "not-found", request.toString());
                });
    }

    private static String holder(Received request) throws IOException {
        String holder =
                Json.mapper().readValue(request.body(), DrainRequest.class).holder();
        return holder == null ? "operator" : holder;
    }

    private Reply health() {
        boolean draining = isDraining();
        return Reply.of(
                draining ? 503 : 200,
                new HealthReport(
                        draining ? "draining" : "healthy",
                        "ready",
                        NOW,
                        id,
                        "",
                        generation,
                        hash(),
                        Map.of("config", new HealthCheck("pass", null))));
    }

    private ConfigVersion version() {
        return new ConfigVersion(
                ConfigHash.of(webhooks), ConfigHash.of(connections), generation, hash(), NOW, "update", id);
    }

    private ConfigDocuments documents() {
        return new ConfigDocuments(
                webhooks, connections, ConfigHash.of(webhooks), ConfigHash.of(connections), hash(), generation, id);
    }

    private Reply drainStatus() {
        boolean draining = isDraining();
        return Reply.of(
                200,
                new DrainStatus(
                        draining ? "draining" : "active",
                        draining,
                        draining ? "drained" : "active",
                        List.copyOf(holders),
                        0,
                        0,
                        id,
                        NOW,
                        ""));
    }

    private Reply update(ConfigUpdateRequest request) {
        List<ConfigProblem> problems = new ArrayList<>();
        request.config()
                .path("mistakes")
                .forEach(pointer -> problems.add(new ConfigProblem(
                        pointer.asText(), "webhooks.json", "wrong", "is wrong: " + pointer.asText(), null)));
        if (!problems.isEmpty()) {
            return Reply.of(400, failure("error", problems));
        }
        if (request.ifHash() != null && !request.ifHash().equals(replacedHash(request.type()))) {
            return Reply.of(409, failure("conflict", List.of()));
        }
        ObjectNode after = Json.mapper().createObjectNode();
        after.set("webhooks", webhooks);
        after.set("connections", connections);
        switch (request.type()) {
            case WEBHOOKS -> after.set("webhooks", request.config());
            case CONNECTIONS -> after.set("connections", request.config());
            case BUNDLE -> after.setAll((ObjectNode) request.config());
        }
        String before = hash();
        if (!Boolean.TRUE.equals(request.validateOnly())) {
            runs(after.get("webhooks"), after.get("connections"));
        }
        String hash = ConfigHash.of(after);
        return Reply.of(
                200,
                new ConfigUpdateResult(
                        "success",
                        !hash.equals(before),
                        id,
                        generation,
                        hash,
                        ConfigHash.of(after.get("webhooks")),
                        ConfigHash.of(after.get("connections")),
                        List.of(),
                        NOW,
                        hash));
    }

    private String replacedHash(ConfigType type) {
        return switch (type) {
            case WEBHOOKS -> ConfigHash.of(webhooks);
            case CONNECTIONS -> ConfigHash.of(connections);
            case BUNDLE -> hash();
        };
    }

    private ConfigUpdateFailure failure(String status, List<ConfigProblem> problems) {
        return new ConfigUpdateFailure(status, status, problems, List.of(), id, generation, hash(), NOW);
    }
}
