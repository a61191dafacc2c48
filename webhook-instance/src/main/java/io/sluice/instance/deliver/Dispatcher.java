package io.sluice.instance.deliver;

import io.sluice.instance.configuration.CurrentConfiguration;
import io.sluice.instance.configuration.RetryPolicy;
import io.sluice.instance.configuration.Step;
import io.sluice.instance.outbox.Attempt;
import io.sluice.instance.outbox.Outbox;
import io.sluice.instance.outbox.OutboxEvent;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers what the outbox holds, from its start until it is stopped.
 *
 * <p>All its state lives on one context; bodies are read and files written on a worker of its own. It never polls: it looks for work when the
 * outbox has accepted something, when an attempt has ended, and when the next retry is due. A step is made with its definition as it is now, so
 * a corrected URL takes effect on what already waits; a step that no longer exists turns what waits for it into dead letters.
 */
public final class Dispatcher implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration TIDY_INTERVAL = Duration.ofSeconds(1);
    private static final int WORKERS = 8;

    /** A timer is no longer than this, so that a corrected wall clock is noticed. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final Outbox outbox;
    private final CurrentConfiguration configuration;
    private final DeliverSettings settings;
    private final DeliverMetrics metrics;
    private final Clock clock;
    private final Path filesRoot;
    private final Backoff backoff =
            new Backoff(() -> ThreadLocalRandom.current().nextDouble());
    private final AtomicBoolean signalled = new AtomicBoolean();
    private @Nullable Run run;

    /** {@code filesRoot}: the folder that {@code save_to_disk} writes under. */
    public Dispatcher(
            Vertx vertx,
            Outbox outbox,
            CurrentConfiguration configuration,
            Path filesRoot,
            DeliverSettings settings,
            DeliverMetrics metrics,
            Clock clock) {
        this.vertx = vertx;
        this.outbox = outbox;
        this.configuration = configuration;
        this.filesRoot = filesRoot;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "delivery";
    }

    /** Begins with what a previous process left. */
    @Override
    public Future<Void> start() {
        Run started = new Run(vertx.getOrCreateContext());
        run = started;
        outbox.onWork(started::wake);
        started.wake();
        return Future.succeededFuture();
    }

    /** Starts nothing new; completes when what runs has ended, or its time is up. What was cut is made again after the next start. */
    @Override
    public Future<Void> stop() {
        Run stopped = run;
        return stopped == null ? Future.succeededFuture() : stopped.stop();
    }

    /** From a start to a stop. Used on its context, except for {@link #wake}. */
    private final class Run {
        private final Context context;
        private final WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-deliver-" + hashCode(), WORKERS);
        private final HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(settings.perStep()));
        private final Modules modules = new Modules(
                new LogModule(), new SaveToDiskModule(filesRoot, worker), new HttpWebhookModule(client, clock));
        private final Promise<Void> idle = Promise.promise();
        private final long tidyTimer;
        private final AtomicBoolean tidying = new AtomicBoolean();
        private int running;
        private boolean stopping;
        private long wakeTimer = -1;

        Run(Context context) {
            this.context = context;
            this.tidyTimer = vertx.setPeriodic(TIDY_INTERVAL.toMillis(), id -> tidy());
        }

        /** Looks for work soon. Any thread; many calls are one look. */
        void wake() {
            if (signalled.compareAndSet(false, true)) {
                context.runOnContext(now -> look());
            }
        }

        private void look() {
            signalled.set(false);
            if (stopping) {
                return;
            }
            int room = settings.concurrency() - running;
            outbox.takeDue(clock.instant(), room, settings.perStep()).forEach(this::begin);
            vertx.cancelTimer(wakeTimer);
            // with no room left the end of an attempt is what to wait for
            if (running < settings.concurrency()) {
                outbox.nextDue(settings.perStep()).ifPresent(this::wakeAt);
            }
        }

        private void wakeAt(Instant due) {
            long millis = Duration.between(clock.instant(), due).toMillis();
            long wait = Math.max(1, Math.min(millis, LONGEST_WAIT.toMillis()));
            wakeTimer = vertx.setTimer(wait, id -> wake());
        }

        private void begin(Attempt attempt) {
            Optional<Step> step =
                    configuration.get().webhook(attempt.webhookId()).flatMap(webhook -> webhook.step(attempt.stepId()));
            if (step.isEmpty()) {
                outbox.dead(attempt, "parked: the running configuration has no such step");
                LOG.warn("{} parked: no step {} of {}", attempt.eventId(), attempt.stepId(), attempt.webhookId());
                return;
            }
            running++;
            long start = metrics.now();
            worker.executeBlocking(() -> outbox.read(attempt), false)
                    .compose(event -> deliver(attempt, event, step.get()))
                    .otherwise(Dispatcher::outcomeOf)
                    .onComplete(ended -> {
                        try {
                            metrics.ended(attempt, ended.result().label(), start);
                            conclude(attempt, step.get().retry(), ended.result());
                        } finally {
                            running--;
                            ended();
                        }
                    });
        }

        private Future<Outcome> deliver(Attempt attempt, OutboxEvent event, Step step) {
            return modules.deliver(new Delivery(attempt, event), step.settings());
        }

        private void ended() {
            if (stopping && running == 0) {
                idle.tryComplete();
            } else {
                wake();
            }
        }

        private void tidy() {
            if (tidying.compareAndSet(false, true)) {
                worker.<@Nullable Void>executeBlocking(
                                () -> {
                                    outbox.tidy();
                                    return null;
                                },
                                false)
                        .onFailure(failure -> LOG.error("tidying the outbox failed", failure))
                        .onComplete(done -> tidying.set(false));
            }
        }

        Future<Void> stop() {
            outbox.onWork(() -> {});
            vertx.cancelTimer(tidyTimer);
            context.runOnContext(now -> {
                stopping = true;
                vertx.cancelTimer(wakeTimer);
                if (running == 0) {
                    idle.tryComplete();
                }
            });
            long timer = vertx.setTimer(Math.max(1, settings.stopTimeout().toMillis()), id -> idle.tryComplete());
            return idle.future().eventually(() -> {
                vertx.cancelTimer(timer);
                return client.close().eventually(worker::close);
            });
        }
    }

    /** Reading failed, or a module has a bug: tried again, as both may pass; a record that is no event never will. */
    private static Outcome outcomeOf(Throwable failure) {
        LOG.warn("delivery attempt failed", failure);
        return failure instanceof UncheckedIOException
                ? new Outcome.Permanent("the event cannot be read back")
                : new Outcome.Retry(failure.getClass().getSimpleName());
    }

    private void conclude(Attempt attempt, RetryPolicy policy, Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            outbox.delivered(attempt);
            metrics.delivered(attempt);
        } else if (outcome instanceof Outcome.Retry retry) {
            again(attempt, policy, retry.reason(), null);
        } else if (outcome instanceof Outcome.Throttled throttled) {
            again(attempt, policy, throttled.reason(), throttled.after());
        } else if (outcome instanceof Outcome.Permanent permanent) {
            dead(attempt, "permanent: " + permanent.reason());
        }
    }

    private void again(Attempt attempt, RetryPolicy policy, String reason, @Nullable Duration asked) {
        Optional<Instant> next = backoff.next(policy, attempt, clock.instant(), asked);
        if (next.isPresent()) {
            outbox.retryAt(attempt, next.get(), reason);
        } else {
            dead(attempt, "exhausted after " + attempt.number() + " attempts: " + reason);
        }
    }

    private void dead(Attempt attempt, String reason) {
        LOG.warn(
                "{} of {}: step {} is a dead letter, {}",
                attempt.eventId(),
                attempt.webhookId(),
                attempt.stepId(),
                reason);
        outbox.dead(attempt, reason);
    }
}
