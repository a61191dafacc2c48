package io.sluice.rollout.remote;

import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to be sent: {@code path} starts with a slash and may hold a query, {@code body} is written as JSON.
 *
 * @param timeout for everything after the connection is there, until the last byte of the answer
 */
public record RemoteCall(
        HttpMethod method,
        String path,
        Map<String, String> headers,
        @Nullable Object body,
        Duration timeout) {
    public RemoteCall {
        headers = Map.copyOf(headers);
    }

    public static RemoteCall get(String path, Duration timeout) {
        return new RemoteCall(HttpMethod.GET, path, Map.of(), null, timeout);
    }

    public static RemoteCall of(HttpMethod method, String path, @Nullable Object body, Duration timeout) {
        return new RemoteCall(method, path, Map.of(), body, timeout);
    }

    public RemoteCall withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new RemoteCall(method, path, more, body, timeout);
    }
}
