package io.sluice.instance.receive;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** Reads one body into memory, no further than its limit, its share of memory and its time allow. Used on one event loop. */
final class BodyReader {
    private final HttpServerRequest request;
    private final Exchange exchange;
    private final ByteBudget budget;
    private final ReceiveSettings settings;
    private final long limit;
    private final Promise<byte[]> result = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private long taken;

    BodyReader(Exchange exchange, ByteBudget budget, ReceiveSettings settings) {
        this.request = exchange.request();
        this.exchange = exchange;
        this.budget = budget;
        this.settings = settings;
        this.limit = Math.min(exchange.webhook().bodyLimitBytes(), settings.maxBodyBytes());
    }

    /** Throws a {@link RefusalException} when there is no point in reading at all; else takes the announced length out of the budget. */
    void admit() {
        long announced = announcedLength();
        if (announced > limit) {
            throw new RefusalException(Refusal.tooLarge(limit));
        }
        if (!take(Math.max(0, announced))) {
            throw new RefusalException(busy());
        }
    }

    private Refusal busy() {
        return Refusal.notAccepted("busy", settings.retryAfter());
    }

    private long announcedLength() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Must be called before the event loop turns. Fails with a {@link RefusalException}, or when the client is gone, after the exchange was abandoned. */
    Future<byte[]> read(Vertx vertx) {
        long timer = vertx.setTimer(
                settings.bodyTimeout().toMillis(), id -> result.tryFail(new RefusalException(Refusal.slowBody())));
        request.handler(this::chunk);
        request.exceptionHandler(gone -> {
            exchange.abandon();
            result.tryFail(gone);
        });
        request.endHandler(end -> result.tryComplete(body.getBytes()));
        if (request.version() != HttpVersion.HTTP_1_0
                && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        return result.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private void chunk(Buffer chunk) {
        if (result.future().isComplete()) {
            return;
        }
        long length = (long) body.length() + chunk.length();
        if (length > limit) {
            result.tryFail(new RefusalException(Refusal.tooLarge(limit)));
        } else if (length > taken && !take(length - taken)) {
            result.tryFail(new RefusalException(busy()));
        } else {
            body.appendBuffer(chunk);
        }
    }

    private boolean take(long bytes) {
        if (!budget.tryTake(bytes)) {
            return false;
        }
        taken += bytes;
        exchange.onRelease(() -> budget.giveBack(bytes));
        return true;
    }
}
