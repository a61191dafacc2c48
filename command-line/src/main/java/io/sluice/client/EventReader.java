package io.sluice.client;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads one connection of an event stream. */
final class EventReader {
    /** Three missed heartbeats. */
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private static final String END = "\0end";

    private final ApiClient client;

    EventReader(ApiClient client) {
        this.client = client;
    }

    /**
     * Gives each event to {@code sink} until it says false.
     *
     * @return whether the server said that there is nothing more, or {@code sink} that it has enough
     * @throws UnreachableException when there is no connection
     */
    boolean read(String path, String lastEventId, Predicate<ReceivedEvent> sink) {
        HttpRequest.Builder request = client.request(path).setHeader("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.setHeader("Last-Event-ID", lastEventId);
        }
        Lines lines = new Lines();
        CompletableFuture<Integer> status = new CompletableFuture<>();
        Thread reader = new Thread(() -> open(request.build(), lines, status), "events");
        reader.setDaemon(true);
        reader.start();
        try {
            return consume(lines, status, sink);
        } finally {
            lines.cancel();
        }
    }

    private void open(HttpRequest request, Lines lines, CompletableFuture<Integer> status) {
        try {
            HttpResponse<Void> response = client.send(request, info -> {
                status.complete(info.statusCode());
                return BodyHandlers.fromLineSubscriber(lines).apply(info);
            });
            status.complete(response.statusCode());
        } catch (RuntimeException e) {
            status.completeExceptionally(e);
        } finally {
            lines.queue.add(END);
        }
    }

    private boolean consume(Lines lines, CompletableFuture<Integer> status, Predicate<ReceivedEvent> sink) {
        Frame frame = new Frame();
        try {
            for (String line = lines.next(); line != null && !line.equals(END); line = lines.next()) {
                Optional<ReceivedEvent> event = frame.add(line);
                if (event.isPresent() && !sink.test(event.get())) {
                    return true;
                }
            }
            return checked(status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Why the stream ended: 204 for good, an error, or just so. */
    private boolean checked(CompletableFuture<Integer> status) {
        if (status.isCompletedExceptionally()) {
            throw new UnreachableException(client.base(), "the event stream broke");
        }
        int code = status.getNow(0);
        if (code >= 400) {
            throw new UnreachableException(client.base(), "event stream: HTTP status " + code);
        }
        return code == 204;
    }

    /** Gathers the fields of one event (WHATWG HTML §9.2.6). */
    private static final class Frame {
        private String id = "";
        private String name = "message";
        private final StringBuilder data = new StringBuilder();

        Optional<ReceivedEvent> add(String line) {
            if (line.isEmpty()) {
                return end();
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "id" -> id = value;
                case "event" -> name = value;
                case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
                default -> {
                    // A comment, or a field for browsers.
                }
            }
            return Optional.empty();
        }

        private Optional<ReceivedEvent> end() {
            Optional<ReceivedEvent> event =
                    data.isEmpty() ? Optional.empty() : Optional.of(new ReceivedEvent(id, name, data.toString()));
            name = "message";
            data.setLength(0);
            return event;
        }
    }

    /** Hands lines from the HTTP client's thread to the one that waits for them. */
    private static final class Lines implements Flow.Subscriber<String> {
        private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        private volatile Flow.@Nullable Subscription subscription;

        @Nullable
        String next() throws InterruptedException {
            return queue.poll(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
        }

        void cancel() {
            Flow.Subscription current = subscription;
            if (current != null) {
                current.cancel();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            newSubscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            queue.add(line);
        }

        @Override
        public void onError(Throwable failure) {
            queue.add(END);
        }

        @Override
        public void onComplete() {
            queue.add(END);
        }
    }
}
