import Logging
import NIOPosix
import Synchronization
import TributaryAggregation
import TributaryCore
import TributaryStore

extension Coordinator {
    /// Does what is queued, side by side, until the queue is finished.
    func workLoop() async {
        await withDiscardingTaskGroup { group in
            for await action in queue {
                group.addTask {
                    await self.perform(action)
                    self.state.withLock { $0.work.done(action) }
                    self.draining.ring()
                }
            }
        }
    }

    private func perform(_ action: CoordinatorAction) async {
        switch action {
        case .persist(let batch, let token): await persist(batch, token)
        case .recall(let call, let task, let client): await recall(call, task, client)
        case .check(let check):
            let checker = UpdateChecker(store: setting.store)
            guard let verdict = await blocking({ checker.check(check) }) else { return }
            tell { $0.updateChecked(check, verdict, at: $1) }
        case .makeModel(let order):
            let maker = ModelMaker(store: setting.store)
            guard let result = await blocking({ maker.make(order) }) else { return }
            tell { $0.modelMade(result, for: order.run, order.round, at: $1) }
        case .examine(let run, let model):
            let examiner = ModelExaminer(store: setting.store)
            guard let condition = await blocking({ examiner.examine(model) }) else { return }
            tell { $0.modelExamined(model, condition, for: run, at: $1) }
        case .score(let run, let round, let model): await score(model, run, round)
        case .discard(let digests): await discard(digests)
        case .discardUploads(let client, let digests): await discardUploads(of: client, digests)
        case .prune(let run, let round): await prune(run, before: round)
        case .answer, .note, .publish, .publishStatus: break
        }
    }

    /// Runs what blocks its thread where it does no harm; nil if it was not run because all is to stop.
    @discardableResult
    func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async -> Result? {
        try? await NIOThreadPool.singleton.runIfActive(body)
    }

    private func persist(_ batch: [LedgerEntry], _ token: PersistToken) async {
        do throws(StoreError) {
            try await setting.ledger.commit(batch)
            tell { $0.persisted(token, at: $1) }
        } catch {
            setting.logger.error("the ledger did not take a batch: \(error)")
            tell { $0.persistFailed(token, error.description, at: $1) }
        }
    }

    private func recall(_ call: CallID, _ task: TaskID, _ client: ClientID) async {
        do throws(StoreError) {
            let isThere =
                switch task.kind {
                case .train: try await setting.ledger.contribution(to: task, by: client) != nil
                case .evaluate: try await setting.ledger.hasEvaluation(of: task, by: client)
                // Nothing of it is kept.
                case .measure: false
                }
            tell { machine, _ in machine.recalled(call, isThere: isThere) }
        } catch {
            let window = setting.settings.storageRetry
            tell { _, _ in [.answer(call, .refused(.unavailable(error.description, window)))] }
        }
    }

    private func score(_ model: TensorBlob, _ run: RunID, _ round: RoundNumber) async {
        var score: Score?
        if let scorer = setting.scorer, let row = consult({ machine, now in machine.status(of: run, at: now)?.row }) {
            let (store, logger) = (setting.store, setting.logger)
            let result: Score?? = await blocking {
                do {
                    return try scorer.score(model, of: row, in: store)
                } catch {
                    logger.error("\(run), \(round): the model could not be scored: \(error)")
                    return nil
                }
            }
            guard let result else { return }
            score = result
        }
        tell { $0.scored(score, for: run, round, at: $1) }
    }

    /// Bit by bit, so that what clients wait for comes in between. What is left, if the coordinator goes down or the disk
    /// refuses, is found again after the run's next round.
    private func prune(_ run: RunID, before round: RoundNumber) async {
        do throws(StoreError) {
            while isReady {
                let count = try await setting.ledger.prune(run, before: round, limit: setting.pruneLimit)
                if count < setting.pruneLimit { return }
            }
        } catch {
            setting.logger.warning("\(run): the ledger could not forget old rounds: \(error)")
        }
    }

    private func discardUploads(of client: ClientID, _ digests: [BlobDigest]) async {
        let (store, logger) = (setting.store, setting.logger)
        await blocking {
            for digest in digests {
                do {
                    try store.discardUpload(UploadID(client: client, digest: digest))
                } catch {
                    // The sweep tries again.
                    logger.warning("the upload of \(digest) by \(client) could not be removed: \(error)")
                }
            }
        }
    }

    private func discard(_ digests: [BlobDigest]) async {
        let (store, logger) = (setting.store, setting.logger)
        let isDone: Void? = await blocking {
            for digest in digests {
                do {
                    try store.remove(digest)
                } catch {
                    // The sweep tries again.
                    logger.warning("blob \(digest) could not be removed: \(error)")
                }
            }
        }
        if isDone != nil {
            tell { machine, _ in
                machine.discarded(digests)
                return []
            }
        }
    }
}
