package io.sluice.instance.deliver;

import io.sluice.instance.api.DeadLetterPage;
import io.sluice.instance.api.DeadLetterView;
import io.sluice.instance.outbox.DeadLetter;
import io.sluice.instance.outbox.DeadLetterId;
import io.sluice.instance.outbox.Outbox;
import io.sluice.instance.outbox.OutboxException;
import io.sluice.service.json.Json;
import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Shows dead letters to operators, delivers them again or drops them. The routes have the letter's id as path parameter {@code id}; whoever mounts
 * them checks credentials before and writes problems after.
 */
public final class DeadLetterHandler {
    private static final int PAGE = 100;
    private static final int MOST = 1000;
    private static final DeadLetterId START = new DeadLetterId(0, 0);

    private final Outbox outbox;
    private final String instanceId;

    public DeadLetterHandler(Outbox outbox, String instanceId) {
        this.outbox = outbox;
        this.instanceId = instanceId;
    }

    /** {@code GET}, with {@code webhook}, {@code step}, {@code cursor} and {@code limit} as query parameters. */
    public void list(RoutingContext ctx) {
        int limit = limit(ctx.queryParam("limit"));
        List<DeadLetter> letters = outbox.deadLetters(
                cursor(ctx.queryParam("cursor")),
                limit,
                first(ctx.queryParam("webhook")),
                first(ctx.queryParam("step")));
        String next = letters.size() < limit
                ? null
                : letters.get(letters.size() - 1).id().toString();
        List<DeadLetterView> views =
                letters.stream().map(DeadLetterHandler::view).toList();
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(Json.mapper()
                        .valueToTree(new DeadLetterPage(views, next, instanceId))
                        .toString());
    }

    /** {@code POST …/{id}/replay}: 202 once it is sure to be delivered again. */
    public void replay(RoutingContext ctx) {
        change(ctx, outbox.replay(id(ctx)), 202);
    }

    /** {@code DELETE …/{id}}: 204 once it is gone. */
    public void drop(RoutingContext ctx) {
        change(ctx, outbox.drop(id(ctx)), 204);
    }

    private static void change(RoutingContext ctx, CompletableFuture<Boolean> change, int status) {
        Future.fromCompletionStage(change, ctx.vertx().getOrCreateContext())
                .onSuccess(found -> {
                    if (found) {
                        ctx.response().setStatusCode(status).end();
                    } else {
                        ctx.fail(noSuchLetter().asException());
                    }
                })
                .onFailure(failure -> ctx.fail(notStored(failure)));
    }

    private static Throwable notStored(Throwable failure) {
        boolean known = failure.getCause() instanceof OutboxException || failure instanceof OutboxException;
        return known
                ? Problem.of("outcome-unknown", 503, "Outcome unknown")
                        .withDetail("the change is made but may be undone by a restart")
                        .asException()
                : failure;
    }

    private static DeadLetterId id(RoutingContext ctx) {
        String text = ctx.pathParam("id");
        return DeadLetterId.parse(text == null ? "" : text)
                .orElseThrow(() -> noSuchLetter().asException());
    }

    private static Problem noSuchLetter() {
        return Problem.notFound("there is no such dead letter");
    }

    private static DeadLetterId cursor(List<String> values) {
        return values.isEmpty()
                ? START
                : DeadLetterId.parse(values.get(0)).orElseThrow(() -> invalid("cursor", "as given by next"));
    }

    private static int limit(List<String> values) {
        if (values.isEmpty()) {
            return PAGE;
        }
        try {
            int limit = Integer.parseInt(values.get(0));
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // told below, like a number out of range
        }
        throw invalid("limit", "1 to " + MOST);
    }

    private static RuntimeException invalid(String parameter, String expected) {
        return Problem.invalidRequest(List.of(new ProblemError("", parameter + " (expected: " + expected + ")")))
                .asException();
    }

    private static @Nullable String first(List<String> values) {
        return values.isEmpty() ? null : values.get(0);
    }

    private static DeadLetterView view(DeadLetter letter) {
        return new DeadLetterView(
                letter.id().toString(),
                letter.eventId(),
                letter.webhookId(),
                letter.stepId(),
                letter.attempts(),
                letter.arrival(),
                letter.diedAt(),
                letter.reason());
    }
}
