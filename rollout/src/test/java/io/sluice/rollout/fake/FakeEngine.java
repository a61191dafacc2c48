package io.sluice.rollout.fake;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.driver.RolloutException;
import io.sluice.rollout.driver.SubmissionKey;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Verb;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An engine whose rollouts go where the test moves them. */
public final class FakeEngine implements RolloutEngine {
    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<String, Rollout> rollouts = new LinkedHashMap<>();
    private final Map<String, RolloutRequest> requests = new LinkedHashMap<>();
    private final Map<SubmissionKey, String> keys = new LinkedHashMap<>();
    private final Map<String, JsonNode> documents = new LinkedHashMap<>();
    private final Map<String, DesiredConfiguration> desired = new LinkedHashMap<>();
    private final List<LeftBehind> leftBehind = new CopyOnWriteArrayList<>();
    private final List<Consumer<RolloutEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Verb> asked = new CopyOnWriteArrayList<>();
    private long sequence;

    /** Makes {@code bundle} what the pool should run. */
    public synchronized void desire(String pool, JsonNode bundle) {
        String hash = ConfigHash.of(bundle);
        documents.put(hash, bundle);
        desired.put(pool, new DesiredConfiguration(pool, hash, "r-0"));
    }

    public void leaveBehind(LeftBehind left) {
        leftBehind.add(left);
    }

    public List<Verb> asked() {
        return asked;
    }

    public synchronized Optional<RolloutRequest> request(String id) {
        return Optional.ofNullable(requests.get(id));
    }

    /** Stores {@code next} as the next version and tells everybody. */
    public Rollout put(Rollout next, String... changed) {
        RolloutEvent event;
        synchronized (this) {
            Rollout known = rollouts.get(next.id());
            Rollout numbered = next.numbered(known == null ? 1 : known.version() + 1, epoch());
            rollouts.put(next.id(), numbered);
            event = new RolloutEvent(++sequence, numbered, List.of(changed));
        }
        listeners.forEach(listener -> listener.accept(event));
        return event.rollout();
    }

    @Override
    public Future<Submission> submit(RolloutRequest request, @Nullable SubmissionKey key) {
        Optional<Rollout> active = active(request.pool());
        if (active.isPresent()) {
            return refused(RolloutException.Kind.POOL_BUSY, active.get().id());
        }
        String id = "r-" + (rollouts.size() + 1);
        requests.put(id, request);
        if (key != null) {
            keys.put(key, id);
        }
        Rollout pending = new Rollout(
                id, 0, epoch(), request.spec(), RolloutStatus.pending(NOW), null, List.of(), List.of(), List.of());
        return Future.succeededFuture(new Submission(put(pending), true));
    }

    @Override
    public Optional<Rollout> submitted(SubmissionKey key) {
        if (keys.keySet().stream().anyMatch(used -> used.key().equals(key.key()) && !used.equals(key))) {
            throw new RolloutException(RolloutException.Kind.KEY_REUSED, "used for another request", null);
        }
        return Optional.ofNullable(keys.get(key)).flatMap(this::find);
    }

    @Override
    public Future<Submission> act(String id, Verb verb, Ask ask) {
        Optional<Rollout> found = find(id);
        if (found.isEmpty()) {
            return refused(RolloutException.Kind.NOT_FOUND, id);
        }
        if (found.get().isOver()) {
            return refused(RolloutException.Kind.TERMINAL, id);
        }
        boolean first = !asked.contains(verb);
        asked.add(verb);
        return Future.succeededFuture(new Submission(found.get(), first));
    }

    @Override
    public synchronized Optional<Rollout> find(String id) {
        return Optional.ofNullable(rollouts.get(id));
    }

    @Override
    public synchronized List<Rollout> list() {
        List<Rollout> newestFirst = new ArrayList<>(rollouts.values());
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    @Override
    public Optional<Rollout> active(String pool) {
        return list().stream()
                .filter(one -> one.spec().pool().equals(pool) && !one.isOver())
                .findFirst();
    }

    @Override
    public synchronized Optional<DesiredConfiguration> desired(String pool) {
        return Optional.ofNullable(desired.get(pool));
    }

    @Override
    public List<LeftBehind> leftBehind(String pool) {
        return leftBehind.stream().filter(left -> left.pool().equals(pool)).toList();
    }

    @Override
    public synchronized Future<JsonNode> configuration(String hash) {
        JsonNode document = documents.get(hash);
        return document == null ? refused(RolloutException.Kind.NOT_FOUND, null) : Future.succeededFuture(document);
    }

    @Override
    public Runnable subscribe(Consumer<RolloutEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public synchronized long lastSequence() {
        return sequence;
    }

    @Override
    public long epoch() {
        return 3;
    }

    private static <T> Future<T> refused(RolloutException.Kind kind, @Nullable String id) {
        return Future.failedFuture(new RolloutException(kind, kind + " " + id, id));
    }
}
