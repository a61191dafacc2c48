package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.rollout.driver.RolloutException.Kind;
import io.sluice.rollout.engine.Decision;
import io.sluice.rollout.engine.Event;
import io.sluice.rollout.engine.RolloutMachine;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Verb;
import io.sluice.rollout.store.CrashPoint;
import io.sluice.rollout.store.Documents;
import io.sluice.rollout.store.FileDocuments;
import io.sluice.rollout.store.JournalStateLog;
import io.sluice.rollout.store.RolloutStore;
import io.sluice.rollout.store.StoredKey;
import io.sluice.rollout.store.StoredRollout;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine. One event at a time: decide, store what was decided, announce it, and only then act; how an action ends comes back as the
 * next event. So a state that anybody saw, or acted upon, survives a crash, and after a crash the worst is that an action is done twice.
 *
 * <p>When the journal cannot be written, or a newer engine reigns, nothing more is decided or done.
 */
public final class RolloutDriver implements RolloutEngine {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutDriver.class);

    /** After damage to the journal no rollout goes on by itself, as if the engine had been away for very long. */
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Timers timers;
    private final Clock clock;
    private final RolloutStore store;
    private final Documents documents;
    private final Patience patience;
    private final Dispatcher dispatcher;
    private final CrashPoint crash;
    private final Mailbox mailbox;
    private final RolloutMachine machine;
    private final Announcements announcements = new Announcements();

    /** When the last reign cared for each unfinished rollout for the last time. Engine thread. */
    private final Map<String, Instant> leftAt = new HashMap<>();

    private volatile long reign;
    private volatile @Nullable String stopped = "not started";

    RolloutDriver(
            Timers timers,
            TrafficControl traffic,
            InstanceControl instances,
            Documents documents,
            RolloutStore store,
            Clock clock,
            CrashPoint crash,
            Duration maxAway) {
        this.timers = timers;
        this.clock = clock;
        this.store = store;
        this.documents = documents;
        this.crash = crash;
        this.patience = new Patience(timers, clock);
        this.mailbox = new Mailbox(timers);
        this.machine = new RolloutMachine(maxAway);
        Fleet fleet = new Fleet(traffic, instances, documents, patience, new Lanes(crash), clock, crash);
        this.dispatcher =
                new Dispatcher(fleet, timers, holder -> new History(store.state()).isOver(holder), new OwnOffice());
    }

    /**
     * The engine of one process, on one context of {@code vertx}.
     *
     * @param crash is told of every boundary at which the process might die
     */
    public static RolloutDriver of(
            Vertx vertx,
            TrafficControl traffic,
            InstanceControl instances,
            EngineSettings settings,
            Clock clock,
            CrashPoint crash) {
        WorkerExecutor files = vertx.createSharedWorkerExecutor("rollout-files", 1);
        return new RolloutDriver(
                new VertxTimers(vertx, files),
                traffic,
                instances,
                new FileDocuments(settings.data().resolve("configs"), files),
                new RolloutStore(new JournalStateLog(settings.data().resolve("journal")), clock, crash),
                clock,
                crash,
                settings.maxAway());
    }

    /** Reads the journal, begins a new reign, and goes on with what was not over. */
    public Future<Void> start() {
        return patience.onEngine(timers.blocking(store::open))
                .compose(opened -> patience.onEngine(store.reign()))
                .onSuccess(epoch -> {
                    reign = epoch;
                    stopped = null;
                    store.damage().forEach(what -> LOG.error("The rollout journal is damaged: {}", what));
                    store.state().rollouts().stream()
                            .filter(stored -> !stored.rollout().isOver())
                            .forEach(this::takeUp);
                })
                .mapEmpty();
    }

    private void takeUp(StoredRollout stored) {
        leftAt.put(stored.rollout().id(), stored.at());
        tell(stored.rollout().id(), new Event.Restarted());
    }

    /** Decides and does nothing more. What runs at the fleet is found again by the next start. */
    public Future<Void> stop() {
        stopped = "stopped";
        return timers.blocking(store::close);
    }

    /** Why the engine does nothing any more; empty while all is well. */
    public Optional<String> stoppedBecause() {
        return Optional.ofNullable(stopped);
    }

    @Override
    public Future<Submission> submit(RolloutRequest request, @Nullable SubmissionKey submission) {
        return enqueue(() -> {
            Optional<Rollout> known = submission == null ? Optional.empty() : submitted(submission);
            if (known.isPresent()) {
                return Future.succeededFuture(new Submission(known.get(), false));
            }
            active(request.pool()).ifPresent(busy -> {
                throw new RolloutException(
                        Kind.POOL_BUSY,
                        "pool " + request.pool() + " is being changed by rollout " + busy.id(),
                        busy.id());
            });
            String id = "r-" + (store.state().created() + 1);
            Instant now = clock.instant();
            Rollout created = new Rollout(
                    id, 0, reign, request.spec(), RolloutStatus.pending(now), null, List.of(), List.of(), List.of());
            StoredKey key =
                    submission == null ? null : new StoredKey(submission.key(), submission.fingerprint(), id, now);
            crash.reached("before document");
            return patience.onEngine(documents.put(created.spec().configHash(), request.config()))
                    .onSuccess(stored -> crash.reached("after document"))
                    .compose(stored -> save(null, created, key))
                    .onSuccess(stored -> tell(id, new Event.Begun()))
                    .map(stored -> new Submission(stored, true));
        });
    }

    @Override
    public Optional<Rollout> submitted(SubmissionKey submission) {
        return store.state().key(submission.key()).map(known -> {
            if (!known.fingerprint().equals(submission.fingerprint())) {
                throw new RolloutException(
                        Kind.KEY_REUSED, "the idempotency key was used for another request", known.rollout());
            }
            return require(known.rollout());
        });
    }

    @Override
    public Future<Submission> act(String id, Verb verb, Ask ask) {
        return enqueue(() -> {
            Rollout before = require(id);
            if (before.isOver()) {
                throw new RolloutException(Kind.TERMINAL, id + " is over: " + before.phase(), id);
            }
            Event event = new Event.Asked(verb, ask.author(), ask.reason());
            Decision decision = machine.decide(before, event, clock.instant());
            boolean changed = !decision.rollout().equals(before);
            boolean idle = verb == Verb.PAUSE || verb == Verb.RESUME;
            if (!changed && idle) {
                throw new RolloutException(Kind.NOT_APPLICABLE, "nothing to " + verb + " in " + before.phase(), id);
            }
            return carryOut(before, decision).map(after -> new Submission(after, changed));
        });
    }

    @Override
    public Optional<Rollout> find(String id) {
        return store.state().find(id).map(StoredRollout::rollout);
    }

    @Override
    public List<Rollout> list() {
        return new History(store.state()).newestFirst();
    }

    @Override
    public Optional<Rollout> active(String pool) {
        return new History(store.state()).active(pool);
    }

    @Override
    public Optional<DesiredConfiguration> desired(String pool) {
        return new History(store.state()).desired(pool);
    }

    @Override
    public List<LeftBehind> leftBehind(String pool) {
        return new History(store.state()).leftBehind(pool);
    }

    @Override
    public Future<JsonNode> configuration(String hash) {
        return patience.onEngine(documents.get(hash))
                .recover(failure -> Future.failedFuture(
                        new RolloutException(Kind.NOT_FOUND, "no document " + hash, null, failure)));
    }

    @Override
    public Runnable subscribe(Consumer<RolloutEvent> listener) {
        return announcements.subscribe(listener);
    }

    @Override
    public long lastSequence() {
        return store.state().sequence();
    }

    @Override
    public long epoch() {
        return reign;
    }

    private Rollout require(String id) {
        return find(id).orElseThrow(() -> new RolloutException(Kind.NOT_FOUND, "no rollout " + id, null));
    }

    private <T> Future<T> enqueue(Supplier<Future<T>> command) {
        Promise<T> answer = Promise.promise();
        mailbox.put(() -> {
            String why = stopped;
            Future<T> done = why == null
                    ? Future.succeededFuture().compose(turn -> command.get())
                    : Future.failedFuture(
                            new RolloutException(Kind.UNAVAILABLE, "the engine is out of order: " + why, null));
            return done.onComplete(answer);
        });
        return answer.future();
    }

    private void tell(String id, Event event) {
        mailbox.put(() -> {
            Optional<Rollout> before = find(id);
            if (before.isEmpty() || stopped != null) {
                return Future.succeededFuture();
            }
            return carryOut(before.get(), machine.decide(before.get(), event, clock.instant()))
                    .onFailure(failure -> LOG.error("Rollout {} cannot take {}", id, event, failure));
        });
    }

    private Future<Rollout> carryOut(Rollout before, Decision decision) {
        Rollout next = decision.rollout();
        Future<Rollout> stored = next.equals(before) ? Future.succeededFuture(before) : save(before, next, null);
        return stored.onSuccess(rollout -> dispatcher.carryOut(rollout, decision.actions()))
                .compose(rollout -> rollout.isOver()
                        ? patience.onEngine(store.compact()).map(rollout)
                        : Future.succeededFuture(rollout));
    }

    private Future<Rollout> save(@Nullable Rollout before, Rollout next, @Nullable StoredKey key) {
        return patience.onEngine(store.save(next, key))
                .onSuccess(stored -> announcements.announce(lastSequence(), before, stored))
                .recover(failure -> {
                    giveUp("its journal cannot be written", failure);
                    return Future.failedFuture(
                            new RolloutException(Kind.UNAVAILABLE, "the journal cannot be written", null, failure));
                });
    }

    private void giveUp(String why, Throwable cause) {
        if (stopped == null) {
            stopped = why;
            LOG.error("The rollout engine stops: {}", why, cause);
        }
    }

    private final class OwnOffice implements Dispatcher.Office {
        @Override
        public boolean isOpen() {
            return stopped == null;
        }

        @Override
        public long epoch() {
            return reign;
        }

        @Override
        public Optional<Rollout> find(String id) {
            return RolloutDriver.this.find(id);
        }

        @Override
        public Duration away(String id) {
            Instant last = leftAt.getOrDefault(id, clock.instant());
            return store.damage().isEmpty() ? Duration.between(last, clock.instant()) : FOREVER;
        }

        @Override
        public void tell(String id, Event event) {
            RolloutDriver.this.tell(id, event);
        }

        @Override
        public boolean isDeposed(Throwable failure) {
            boolean stale =
                    failure instanceof ControlException control && control.kind() == ControlException.Kind.STALE_EPOCH;
            if (stale) {
                giveUp("a newer engine reigns", failure);
            }
            return stale || failure instanceof Patience.Superseded;
        }
    }
}
