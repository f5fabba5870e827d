export default () => ({ startedAt: Date.now() });
