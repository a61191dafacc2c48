package io.sluice.service.admin;

import io.sluice.service.json.Json;
import io.sluice.service.json.RecordBinding;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.sluice.service.settings.DurationFormat;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads JSON out of a request and writes it into its answer. */
public final class JsonExchange {
    private JsonExchange() {}

    /**
     * The body as a record.
     *
     * @throws io.sluice.service.json.InvalidJsonException with every mistake, which the {@link ProblemHandler} answers with 400
     */
    public static <T> T body(RoutingContext ctx, Class<T> type) {
        return RecordBinding.bind(bytes(ctx), type);
    }

    /** The body as a record, or nothing when there is no body. */
    public static <T> Optional<T> optionalBody(RoutingContext ctx, Class<T> type) {
        byte[] bytes = bytes(ctx);
        return bytes.length == 0 ? Optional.empty() : Optional.of(RecordBinding.bind(bytes, type));
    }

    /** The duration in the query parameter {@code name}; a problem when it is none or above {@code max}. */
    public static Optional<Duration> duration(RoutingContext ctx, String name, Duration max) {
        String text = ctx.request().getParam(name);
        if (text == null) {
            return Optional.empty();
        }
        Optional<Duration> duration = DurationFormat.parse(text).filter(d -> !d.isNegative() && d.compareTo(max) <= 0);
        if (duration.isEmpty()) {
            String detail = "query " + name + ": " + text + " (expected: a duration such as 30s, at most "
                    + DurationFormat.format(max) + ")";
            throw Problem.invalidRequest(List.of(new ProblemError("", detail))).asException();
        }
        return duration;
    }

    /** Answers with {@code value} as JSON. */
    public static Future<Void> send(RoutingContext ctx, int status, Object value) {
        return ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(Buffer.buffer(Json.writeBytes(value)));
    }

    /** A handler that answers 200 with what {@code action} yields (headers may be set before), or with the problem it fails with. */
    public static Handler<RoutingContext> answering(Function<RoutingContext, ? extends Future<?>> action) {
        return answering(200, action);
    }

    /** As {@link #answering(Function)}, with another status. */
    public static Handler<RoutingContext> answering(int status, Function<RoutingContext, ? extends Future<?>> action) {
        return ctx ->
                action.apply(ctx).onSuccess(value -> send(ctx, status, value)).onFailure(ctx::fail);
    }

    private static byte[] bytes(RoutingContext ctx) {
        Buffer buffer = ctx.body() == null ? null : ctx.body().buffer();
        return buffer == null ? new byte[0] : buffer.getBytes();
    }
}
