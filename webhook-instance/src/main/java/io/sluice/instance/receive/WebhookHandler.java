package io.sluice.instance.receive;

import io.sluice.instance.api.InstancePaths;
import io.sluice.instance.configuration.DataType;
import io.sluice.instance.configuration.DedupPolicy;
import io.sluice.instance.configuration.Webhook;
import io.sluice.instance.outbox.Acceptance;
import io.sluice.instance.outbox.OutboxEvent;
import io.sluice.instance.outbox.OutboxException;
import io.sluice.instance.outbox.Settlement;
import io.sluice.instance.outbox.StepPlan;
import io.sluice.instance.verify.Verifier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /webhook/{id}}. The checks run in a fixed order, what costs least first: path, drain, room in the outbox and in memory, length,
 * credentials that need no body, body, signature, form. Then the event goes into the outbox, and the answer is written when the outbox says that it is
 * on disk.
 *
 * <p>The configuration is read once per request and used to its end, so a change in between is never seen half. A 503 carries {@code
 * Webhook-Not-Accepted} exactly when it is certain that nothing was stored. Needs no body handler before it, and must be called on the request's
 * event loop in the turn in which the request arrived.
 */
public final class WebhookHandler implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private final Vertx vertx;
    private final Intake intake;
    private final ReceiveSettings settings;
    private final ReceiveMetrics metrics;
    private final Clock clock;
    private final EventIds eventIds;
    private final ByteBudget budget;

    public WebhookHandler(Vertx vertx, Intake intake, ReceiveSettings settings, ReceiveMetrics metrics, Clock clock) {
        this.vertx = vertx;
        this.intake = intake;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.eventIds = new EventIds(clock, () -> ThreadLocalRandom.current().nextLong());
        this.budget = new ByteBudget(settings.maxInFlightBytes());
    }

    @Override
    public void handle(HttpServerRequest request) {
        Exchange exchange = new Exchange(vertx, request, intake, metrics);
        try {
            meetWebhook(exchange);
            enter(exchange);
            BodyReader reader = new BodyReader(exchange, budget, settings);
            reader.admit();
            exchange.rejectWhen(Verifier.checkBeforeBody(exchange.webhook().verification(), request.headers()));
            reader.read(vertx)
                    .map(body -> checked(exchange, body))
                    .compose(body -> store(exchange, body))
                    .onFailure(failure -> failed(exchange, failure));
        } catch (RuntimeException failure) {
            failed(exchange, failure);
        }
    }

    private static void meetWebhook(Exchange exchange) {
        String path = exchange.request().path();
        String id = path != null && path.startsWith(InstancePaths.WEBHOOK)
                ? path.substring(InstancePaths.WEBHOOK.length())
                : "";
        Webhook webhook = Optional.of(id)
                .filter(ID.asMatchPredicate())
                .flatMap(exchange.configuration()::webhook)
                .filter(Webhook::enabled)
                .orElseThrow(() -> new RefusalException(Refusal.unknownWebhook()));
        exchange.meets(webhook);
        if (webhook.retired()) {
            throw new RefusalException(Refusal.retired());
        }
        if (!webhook.methods().contains(exchange.request().method().name())) {
            throw new RefusalException(Refusal.methodNotAllowed(webhook.methods()));
        }
    }

    private void enter(Exchange exchange) {
        if (!intake.gate().tryEnter()) {
            throw new RefusalException(Refusal.notAccepted("draining", settings.retryAfter()));
        }
        exchange.onRelease(intake.gate()::leave);
        intake.outbox().refusal().ifPresent(reason -> {
            throw new RefusalException(Refusal.notAccepted(reason.label(), settings.retryAfter()));
        });
    }

    private static byte[] checked(Exchange exchange, byte[] body) {
        HttpServerRequest request = exchange.request();
        Webhook webhook = exchange.webhook();
        exchange.rejectWhen(Verifier.check(webhook.verification(), request.headers(), body));
        if (webhook.dataType() == DataType.JSON) {
            String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
            if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
                throw new RefusalException(Refusal.encoded());
            }
            JsonBody.mistake(body).ifPresent(mistake -> {
                throw new RefusalException(Refusal.malformed(mistake));
            });
        }
        return body;
    }

    /** Completes when the answer was given, or will be by the chain's outcome. */
    private Future<Void> store(Exchange exchange, byte[] body) {
        Context context = vertx.getOrCreateContext();
        OutboxEvent event = event(exchange, body);
        metrics.body(exchange.label(), body.length);
        long start = metrics.now();
        CompletableFuture<Acceptance> storing = intake.outbox().accept(event);
        Future<Acceptance> stored =
                Future.fromCompletionStage(storing, context).onSuccess(acceptance -> metrics.committed(start));
        exchange.holdUntil(stored);
        return switch (exchange.webhook().ack().mode()) {
            case RECEIVED -> {
                if (!storing.isCompletedExceptionally()) {
                    exchange.accept(answer(exchange, event.eventId()), false);
                }
                yield stored.mapEmpty();
            }
            case DURABLE ->
                stored.map(acceptance -> {
                    exchange.accept(answer(exchange, acceptance, false), acceptance.duplicate());
                    return null;
                });
            case DELIVERED -> stored.compose(acceptance -> awaitDelivery(exchange, acceptance, context));
        };
    }

    private OutboxEvent event(Exchange exchange, byte[] body) {
        Webhook webhook = exchange.webhook();
        HttpServerRequest request = exchange.request();
        Optional<String> delivery = DeliveryKey.of(webhook.dedupPolicy(), request.headers(), body);
        Duration ttl = webhook.dedupPolicy().map(DedupPolicy::ttl).orElse(settings.dedupTtl());
        String sha256 = EventIds.sha256Hex(body);
        return new OutboxEvent(
                delivery.map(key -> webhook.dedupPolicy().isPresent()
                                ? EventIds.derived(webhook.id(), key)
                                : EventIds.derived(webhook.id(), key, sha256))
                        .orElseGet(eventIds::next),
                delivery.isPresent() ? ttl : Duration.ZERO,
                webhook.id(),
                exchange.configuration().generation(),
                clock.instant(),
                sha256,
                StoredHeaders.select(request.headers(), webhook.verification()),
                webhook.steps().stream()
                        .map(step -> new StepPlan(step.id(), step.required()))
                        .toList(),
                Buffer.buffer(body));
    }

    private Future<Void> awaitDelivery(Exchange exchange, Acceptance acceptance, Context context) {
        // an event may stay undelivered for days: what waits for it must not keep the exchange in memory after the
        // deadline
        Promise<Settlement> first = Promise.promise();
        CompletableFuture<?> unused = acceptance
                .settled()
                .thenAccept(settlement -> context.runOnContext(now -> first.tryComplete(settlement)));
        long timer = vertx.setTimer(
                Math.max(1, exchange.webhook().ack().deadline().toMillis()), id -> first.tryComplete(Settlement.DEAD));
        return first.future().map(settlement -> {
            vertx.cancelTimer(timer);
            boolean delivered = settlement == Settlement.DELIVERED;
            exchange.accept(answer(exchange, acceptance, delivered), acceptance.duplicate());
            return null;
        });
    }

    private Answer answer(Exchange exchange, Acceptance acceptance, boolean delivered) {
        String receipt = intake.instanceId() + ":" + acceptance.entry() + ":" + acceptance.bodySha256();
        Answer answer = answer(exchange, acceptance.eventId()).withReceipt(receipt);
        return delivered || acceptance.duplicate() ? answer.as(200, delivered ? "processed" : "duplicate") : answer;
    }

    private Answer answer(Exchange exchange, String eventId) {
        return new Answer(exchange.webhook().acceptedStatus(), "accepted", eventId, null, intake.instanceId());
    }

    private void failed(Exchange exchange, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (exchange.wasAccepted()) {
            // the sender was told not to wait for the disk, and will not send it again
            LOG.error("{}: event was acknowledged and could not be stored", exchange.label(), cause);
            metrics.lost(
                    exchange.label(),
                    cause instanceof OutboxException lost ? lost.reason().label() : "error");
        } else if (cause instanceof RefusalException refused) {
            exchange.refuse(refused.refusal());
        } else if (cause instanceof OutboxException notStored) {
            if (!notStored.reason().nothingStored()) {
                LOG.warn(
                        "{}: event may or may not be stored: {}",
                        exchange.label(),
                        String.valueOf(notStored.getCause()));
            }
            exchange.refuse(Refusal.notStored(notStored, settings.maxBodyBytes(), settings.retryAfter()));
        } else if (!exchange.isOver()) {
            LOG.error("{}: request failed", exchange.label(), cause);
            exchange.refuse(Refusal.bug());
        }
    }
}
