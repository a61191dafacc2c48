package io.sluice.rollout.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.InstanceControl;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks every instance, all at once, what it would say to a configuration. */
public final class Preflight {
    private static final String SOURCE = "preflight";

    private final InstanceControl control;

    public Preflight(InstanceControl control) {
        this.control = control;
    }

    /** Never fails but for a bug: an instance without an answer is in the verdict. */
    public Future<Verdict> check(List<InstanceRef> instances, ConfigType type, JsonNode config) {
        ConfigUpdateRequest question = new ConfigUpdateRequest(type, config, null, null, true, SOURCE);
        List<Future<Opinion>> opinions =
                instances.stream().map(instance -> ask(instance, question)).toList();
        return Future.join(opinions).map(all -> {
            Tally tally = new Tally();
            all.<Opinion>list().forEach(tally::add);
            return tally.verdict();
        });
    }

    private Future<Opinion> ask(InstanceRef instance, ConfigUpdateRequest question) {
        return control.update(instance, question)
                .map(yes -> new Opinion(instance.backend(), yes.warnings(), null))
                .recover(failure -> failure instanceof ControlException no
                        ? Future.succeededFuture(new Opinion(instance.backend(), List.of(), no))
                        : Future.failedFuture(failure));
    }

    /** @param warnings may be null when an instance leaves them out */
    private record Opinion(
            String instance,
            @Nullable List<String> warnings,
            @Nullable ControlException no) {}

    private static final class Tally {
        private final List<String> asked = new ArrayList<>();
        private final List<String> unreachable = new ArrayList<>();
        private final Map<List<String>, Finding> findings = new LinkedHashMap<>();
        private final Set<String> warnings = new LinkedHashSet<>();

        void add(Opinion opinion) {
            ControlException no = opinion.no();
            if (no == null) {
                asked.add(opinion.instance());
                warnings.addAll(opinion.warnings() == null ? List.of() : opinion.warnings());
                return;
            }
            switch (no.kind()) {
                case UNREACHABLE, UNKNOWN_OUTCOME -> unreachable.add(opinion.instance());
                case INVALID -> {
                    asked.add(opinion.instance());
                    no.problems().forEach(problem -> count(problem, opinion.instance()));
                }
                case CONFLICT, FLOOR, STALE_EPOCH, NOT_FOUND, REFUSED -> {
                    asked.add(opinion.instance());
                    String message = String.valueOf(no.getMessage());
                    count(new ConfigProblem("", "", "refused", message, null), opinion.instance());
                }
            }
        }

        private void count(ConfigProblem problem, String instance) {
            findings.merge(
                    List.of(problem.pointer(), String.valueOf(problem.file()), problem.message()),
                    Finding.of(problem, instance),
                    (known, another) -> known.alsoFoundBy(another.instances()));
        }

        Verdict verdict() {
            return new Verdict(asked, unreachable, List.copyOf(findings.values()), List.copyOf(warnings));
        }
    }
}
