package io.sluice.instance.receive;

import io.sluice.instance.api.InstanceHeaders;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.Webhook;
import io.sluice.instance.verify.Rejection;
import io.sluice.service.problem.Problem;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer, with the configuration it started with. Whatever the request holds (its place in the gate, its bytes) is given
 * back exactly once, when the answer is written or the client is gone, and nothing is under way any more that it was held for. Used on one event
 * loop.
 */
final class Exchange {
    /** How long a client that is still sending may go on before its connection is closed: closing at once could destroy the answer on its way. */
    private static final long LINGER_MILLIS = 500;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Configuration configuration;
    private final Intake intake;
    private final ReceiveMetrics metrics;
    private final long startNanos;
    private final List<Runnable> releases = new ArrayList<>();
    private String label = ReceiveMetrics.UNKNOWN;
    private @Nullable Webhook webhook;
    private boolean answered;
    private boolean accepted;
    private boolean released;
    private boolean held;

    Exchange(Vertx vertx, HttpServerRequest request, Intake intake, ReceiveMetrics metrics) {
        this.vertx = vertx;
        this.request = request;
        this.intake = intake;
        this.metrics = metrics;
        this.configuration = intake.configuration().get();
        this.startNanos = metrics.now();
    }

    HttpServerRequest request() {
        return request;
    }

    Configuration configuration() {
        return configuration;
    }

    void meets(Webhook found) {
        webhook = found;
        label = found.id();
    }

    Webhook webhook() {
        if (webhook == null) {
            throw new IllegalStateException("no webhook was found for this request");
        }
        return webhook;
    }

    /** The webhook's id, or the one word that stands for all unknown ones. */
    String label() {
        return label;
    }

    /** Done when the exchange is over. */
    void onRelease(Runnable action) {
        releases.add(action);
    }

    /** Keeps what the request holds until {@code work} is done, even when it is answered before. Once. */
    void holdUntil(Future<?> work) {
        held = true;
        work.onComplete(done -> {
            held = false;
            if (released) {
                giveBack();
            }
        });
    }

    /** Whether the sender was told that the event was taken. */
    boolean wasAccepted() {
        return accepted;
    }

    boolean isOver() {
        return answered || released;
    }

    void refuse(Refusal refusal) {
        if (isOver()) {
            return;
        }
        HttpServerResponse response = begin(refusal.status(), Problem.MEDIA_TYPE);
        refusal.headers().forEach(response::putHeader);
        byte[] body = refusal.problem().toJson().toString().getBytes(StandardCharsets.UTF_8);
        end(Buffer.buffer(body), refusal.reason(), refusal.closes());
    }

    /** Refuses, without telling the sender why, when there is a rejection. */
    void rejectWhen(Optional<Rejection> rejection) {
        rejection.ifPresent(why -> {
            metrics.rejected(label, why);
            throw new RefusalException(Refusal.unauthorized());
        });
    }

    void accept(Answer answer, boolean duplicate) {
        if (isOver()) {
            return;
        }
        accepted = true;
        HttpServerResponse response = begin(answer.status(), "application/json");
        if (duplicate) {
            response.putHeader(InstanceHeaders.DUPLICATE, "true");
            metrics.duplicate();
        }
        end(answer.toJson(), duplicate ? "duplicate" : "accepted", false);
    }

    /** The client is gone and gets no answer. */
    void abandon() {
        if (!isOver()) {
            metrics.finished(label, "aborted", "client-gone", startNanos);
            release();
        }
    }

    private HttpServerResponse begin(int status, String contentType) {
        answered = true;
        return request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader(InstanceHeaders.INSTANCE_ID, intake.instanceId())
                // The configuration that runs now, not the one this request began with: it tells what answers the next
                // request.
                .putHeader(
                        InstanceHeaders.CONFIG_HASH,
                        intake.configuration().get().hash());
    }

    private void end(Buffer body, String reason, boolean closes) {
        HttpServerResponse response = request.response();
        boolean leaves = intake.gate().isClosingConnections();
        boolean close = (closes || leaves) && request.version() != HttpVersion.HTTP_2;
        if (close) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        metrics.finished(label, Integer.toString(response.getStatusCode()), reason, startNanos);
        response.end(body).onComplete(written -> {
            release();
            if (close) {
                closeSoon(written);
            } else if (leaves) {
                // GOAWAY, after which the streams that are open may finish (RFC 9113 §6.8)
                request.connection().shutdown().onFailure(gone -> {});
            }
        });
    }

    private void closeSoon(AsyncResult<Void> written) {
        if (written.failed() || request.isEnded()) {
            close();
            return;
        }
        long timer = vertx.setTimer(LINGER_MILLIS, id -> close());
        request.handler(chunk -> {});
        request.exceptionHandler(gone -> vertx.cancelTimer(timer));
        request.endHandler(end -> {
            vertx.cancelTimer(timer);
            close();
        });
        request.resume();
    }

    private void close() {
        Future<Void> closing = request.connection().close();
        closing.onFailure(gone -> {});
    }

    private void release() {
        if (!released) {
            released = true;
            if (!held) {
                giveBack();
            }
        }
    }

    private void giveBack() {
        releases.forEach(Runnable::run);
    }
}
