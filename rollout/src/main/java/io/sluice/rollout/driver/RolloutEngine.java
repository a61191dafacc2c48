package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Verb;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine as its API sees it. Callable from any thread. What it answers was stored before. Futures fail with a
 * {@link RolloutException} and complete on the engine's own context.
 */
public interface RolloutEngine {
    /**
     * Stores a new rollout and starts it.
     *
     * @param key the same key with the same fingerprint, within a day, answers the rollout that it made the first time
     */
    Future<Submission> submit(RolloutRequest request, @Nullable SubmissionKey key);

    /**
     * The rollout that was submitted with this key; empty when there was none.
     *
     * @throws RolloutException KEY_REUSED when it came with another fingerprint
     */
    Optional<Rollout> submitted(SubmissionKey key);

    /** Asks for something; {@code changed} is false when it was asked for already. */
    Future<Submission> act(String id, Verb verb, Ask ask);

    Optional<Rollout> find(String id);

    /** All that are kept, newest first. */
    List<Rollout> list();

    /** The one that is not over, if any. */
    Optional<Rollout> active(String pool);

    /** What instances of the pool should run while no rollout is active; empty before the first one finished. */
    Optional<DesiredConfiguration> desired(String pool);

    /** Backends that finished rollouts left held on purpose. */
    List<LeftBehind> leftBehind(String pool);

    /** A stored document or bundle. Fails NOT_FOUND. */
    Future<JsonNode> configuration(String hash);

    /** Tells {@code listener} of every change from now on, on the engine's context, in order. Running the result ends it. */
    Runnable subscribe(Consumer<RolloutEvent> listener);

    /** The sequence of the last change. */
    long lastSequence();

    /** The number of this engine's reign; 0 before it started. */
    long epoch();

    /** What happened to a call; {@code changed} is false when the same had been asked before. */
    record Submission(Rollout rollout, boolean changed) {}

    /** Who asks, and why. */
    record Ask(String author, String reason) {}
}
