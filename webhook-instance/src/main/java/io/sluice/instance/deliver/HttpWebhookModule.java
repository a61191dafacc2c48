package io.sluice.instance.deliver;

import io.sluice.instance.configuration.ModuleSettings;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the event on by HTTP, with the id and time headers of the Standard Webhooks specification: the id stays the same on every attempt. Any 2xx
 * confirms. Redirects are not followed: they would let a target point us elsewhere. Whether a private address is meant is settled when the
 * configuration is checked.
 */
final class HttpWebhookModule implements DeliveryModule<ModuleSettings.HttpWebhook> {
    private static final String ID = "webhook-id";
    private static final String TIMESTAMP = "webhook-timestamp";
    private static final String EVENT_ID = "X-Event-ID";
    private static final Set<String> OURS =
            Set.of(ID, TIMESTAMP, "x-event-id", "user-agent", "content-type", "content-length", "accept-encoding");

    private final HttpClient client;
    private final Clock clock;

    HttpWebhookModule(HttpClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public Future<Outcome> deliver(Delivery delivery, ModuleSettings.HttpWebhook settings) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(settings.method()))
                .setAbsoluteURI(settings.url().toString())
                .setConnectTimeout(settings.timeout().toMillis());
        return client.request(options)
                .compose(request -> send(request, delivery, settings))
                .recover(failure -> Future.succeededFuture(new Outcome.Retry(reason(failure))));
    }

    private Future<Outcome> send(HttpClientRequest request, Delivery delivery, ModuleSettings.HttpWebhook settings) {
        headers(request, delivery, settings);
        Duration timeout = settings.timeout();
        return request.send(delivery.event().body())
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(late -> request.reset())
                .compose(response -> discardBody(request, response, timeout).map(read -> outcome(response)));
    }

    private void headers(HttpClientRequest request, Delivery delivery, ModuleSettings.HttpWebhook settings) {
        Map<String, String> received = delivery.event().headers();
        received.forEach((name, value) -> {
            if (!OURS.contains(name) && settings.forwards(name)) {
                request.putHeader(name, value);
            }
        });
        String contentType = received.get("content-type");
        if (contentType != null) {
            request.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
        }
        request.putHeader(HttpHeaders.USER_AGENT, "Sluice");
        settings.headers().forEach((name, value) -> request.putHeader(name, value.reveal()));
        String eventId = delivery.event().eventId();
        request.putHeader(ID, eventId)
                .putHeader(TIMESTAMP, Long.toString(clock.instant().getEpochSecond()))
                .putHeader(EVENT_ID, eventId);
    }

    /** The status is all that counts; the rest is read so that the connection can be used again, but not for ever. */
    private static Future<@Nullable Void> discardBody(
            HttpClientRequest request, HttpClientResponse response, Duration timeout) {
        return response.end()
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(late -> request.reset())
                .otherwiseEmpty();
    }

    private Outcome outcome(HttpClientResponse response) {
        int status = response.statusCode();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered();
        }
        String reason = "status " + status;
        if (status == 429 || status == 503) {
            return new Outcome.Throttled(reason, retryAfter(response.getHeader(HttpHeaders.RETRY_AFTER)));
        }
        return status == 408 || status == 425 || status >= 500
                ? new Outcome.Retry(reason)
                : new Outcome.Permanent(reason);
    }

    /** Seconds, or a date (RFC 9110 §10.2.3). */
    private @Nullable Duration retryAfter(@Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            if (value.chars().allMatch(Character::isDigit)) {
                return Duration.ofSeconds(Long.parseLong(value));
            }
            Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration left = Duration.between(clock.instant(), date);
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeException | NumberFormatException e) {
            return null;
        }
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
