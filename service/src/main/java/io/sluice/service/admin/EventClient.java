package io.sluice.service.admin;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open event stream. All of its state is touched on the request's context alone; {@code offer}, {@code beat} and {@code end} hop there. */
final class EventClient {
    private static final Logger LOG = LoggerFactory.getLogger(EventClient.class);

    /** Characters of events that wait while the socket takes no more; a client further behind is better off resuming. */
    private static final int MAX_WAITING = 4 << 20;

    private final Context context;
    private final HttpServerResponse response;
    private final Subscription subscription;
    private final Consumer<EventClient> onGone;
    private final Deque<String> waiting = new ArrayDeque<>();
    private int waitingLength;
    private boolean over;

    EventClient(Vertx vertx, RoutingContext ctx, Subscription subscription, Consumer<EventClient> onGone) {
        this.context = vertx.getOrCreateContext();
        this.response = ctx.response();
        this.subscription = subscription;
        this.onGone = onGone;
        ctx.addEndHandler(ended -> gone());
    }

    /** Writes the head and what the client missed; called on the request's context. */
    void begin(List<ServerEvent> backlog) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no");
        response.drainHandler(drained -> flush());
        response.write("retry: 2000\n\n");
        for (ServerEvent event : backlog) {
            // Not counted against the queue: its size is bounded by what the stream remembers.
            response.write(event.frame());
            if (subscription.isLast(event)) {
                context.runOnContext(v -> endNow());
            }
        }
    }

    void offer(ServerEvent event) {
        if (subscription.includes(event)) {
            boolean last = subscription.isLast(event);
            context.runOnContext(v -> {
                send(event.frame());
                if (last) {
                    endNow();
                }
            });
        }
    }

    void beat() {
        context.runOnContext(v -> send(":\n\n"));
    }

    void end() {
        context.runOnContext(v -> endNow());
    }

    private void send(String frame) {
        if (over) {
            return;
        }
        if (waiting.isEmpty() && !response.writeQueueFull()) {
            response.write(frame);
        } else if (waiting.isEmpty() || waitingLength + frame.length() <= MAX_WAITING) {
            waiting.add(frame);
            waitingLength += frame.length();
        } else {
            LOG.warn("an event stream is cut off: its client left {} events unread", waiting.size());
            gone();
            response.reset();
        }
    }

    private void flush() {
        while (!over && !waiting.isEmpty() && !response.writeQueueFull()) {
            String frame = waiting.remove();
            waitingLength -= frame.length();
            response.write(frame);
        }
    }

    private void endNow() {
        if (!over) {
            waiting.forEach(response::write);
            gone();
            response.end();
        }
    }

    private void gone() {
        over = true;
        waiting.clear();
        waitingLength = 0;
        onGone.accept(this);
    }
}
