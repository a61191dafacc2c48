package io.sluice.client;

import io.sluice.service.json.Json;
import io.sluice.service.settings.Secret;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls one server with one token. Thread-safe. */
public final class ApiClient {
    /** Long enough for a loaded machine, short enough that a wrong address shows at once. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final URI base;
    private final @Nullable Secret token;
    private final String author;

    /** @param author who makes the changes, as far as logs and journals are concerned */
    public ApiClient(URI base, @Nullable Secret token, String author) {
        this.base = base;
        this.token = token;
        this.author = author;
    }

    /** Whether it shows the server a token. */
    public boolean hasToken() {
        return token != null;
    }

    public URI base() {
        return base;
    }

    /** Fails with {@link RefusedException} for an error. */
    public Reply get(String path) {
        return call("GET", path, null, Map.of(), TIMEOUT).orThrow();
    }

    /** Any call; an error status is an answer like others. */
    public Reply call(String method, String path, @Nullable Object body, Map<String, String> headers) {
        return call(method, path, body, headers, TIMEOUT);
    }

    public Reply call(
            String method, String path, @Nullable Object body, Map<String, String> headers, Duration timeout) {
        HttpRequest.Builder request = request(path).timeout(timeout);
        headers.forEach(request::setHeader);
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.setHeader("Content-Type", "application/json");
            request.method(method, BodyPublishers.ofString(Json.write(body)));
        }
        HttpResponse<String> response = send(request.build(), BodyHandlers.ofString());
        return new Reply(response.statusCode(), response.headers(), response.body());
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).setHeader("X-Author", author);
        if (token != null) {
            request.setHeader("Authorization", "Bearer " + token.reveal());
        }
        return request;
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (HttpTimeoutException e) {
            throw new UnreachableException(base, "no answer in time", e);
        } catch (ConnectException e) {
            throw new UnreachableException(base, "connection refused", e);
        } catch (IOException e) {
            throw new UnreachableException(base, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException(base, "interrupted", e);
        }
    }
}
