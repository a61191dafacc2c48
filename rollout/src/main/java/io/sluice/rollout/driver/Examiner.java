package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.engine.Examination;
import io.sluice.rollout.plan.RolloutProblem;
import io.vertx.core.CompositeFuture;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks instances what they would say to a configuration, and changes nothing. What their answers mean for a rollout is judged by
 * {@link io.sluice.rollout.engine.Preflight}.
 */
public final class Examiner {
    private final InstanceControl instances;

    public Examiner(InstanceControl instances) {
        this.instances = instances;
    }

    /** What an instance said and, if it agreed, what it would then run. */
    record Examined(Examination said, Optional<Bundle> result) {}

    /** Asks all at once. Does not fail: an instance that did not answer is among the answers. */
    public Future<List<Examination>> examine(List<InstanceRef> all, ConfigType type, JsonNode config) {
        ConfigUpdateRequest question = question(type, config, "preflight");
        List<Future<Examined>> answers = all.stream()
                .map(one -> ask(one, question).otherwise(failure -> silent(one, failure)))
                .toList();
        return Future.all(answers).map(Examiner::said);
    }

    static List<Examination> said(CompositeFuture answers) {
        return answers.<Examined>list().stream().map(Examined::said).toList();
    }

    /** @param source who asks, for the instance's log */
    static ConfigUpdateRequest question(ConfigType type, JsonNode config, String source) {
        return new ConfigUpdateRequest(type, config, null, null, true, source);
    }

    /** Fails when the instance says neither yes nor what is wrong; {@link #silent} makes an answer of that. */
    Future<Examined> ask(InstanceRef instance, ConfigUpdateRequest question) {
        return instances
                .documents(instance)
                .compose(now -> instances
                        .update(instance, question)
                        .map(yes -> new Examined(
                                new Examination(instance.backend(), now.hash(), yes.hash(), List.of(), ""),
                                Optional.of(Bundle.of(now).with(question.type(), question.config()))))
                        .recover(failure ->
                                failure instanceof ControlException no && no.kind() == ControlException.Kind.INVALID
                                        ? Future.succeededFuture(refused(instance, now, no))
                                        : Future.failedFuture(failure)));
    }

    static Examined silent(InstanceRef instance, Throwable failure) {
        String detail = String.valueOf(failure.getMessage());
        boolean refused = failure instanceof ControlException no && !WorkException.isRetryable(no);
        List<RolloutProblem> problems =
                refused ? List.of(RolloutProblem.of(instance.backend(), "refused", detail)) : List.of();
        return new Examined(
                new Examination(instance.backend(), refused ? "" : null, null, problems, detail), Optional.empty());
    }

    private static Examined refused(InstanceRef instance, ConfigDocuments now, ControlException no) {
        List<RolloutProblem> problems =
                new ArrayList<>(no.problems().stream().map(Examiner::problem).toList());
        if (problems.isEmpty()) {
            problems.add(RolloutProblem.of(null, "invalid", String.valueOf(no.getMessage())));
        }
        return new Examined(new Examination(instance.backend(), now.hash(), null, problems, ""), Optional.empty());
    }

    private static RolloutProblem problem(ConfigProblem problem) {
        return new RolloutProblem(
                null, problem.file(), problem.pointer(), problem.code(), problem.message(), problem.hint());
    }
}
