// A user for a program under test: asked by readline(), answered by the test.
//
// `said` is all output. question() waits until the program asks; give() then gives a line; answer() gives one and tells
// how many milliseconds later the program had said something more.

class User {
  said = '';
  #asked = [];
  #wakers = [];

  readline() {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#wake();
    });
  }

  hear(text) {
    this.said += text;
    this.#wake();
  }

  async until(ready) {
    while (!ready()) await new Promise((resolve) => this.#wakers.push(resolve));
  }

  question() {
    return this.until(() => this.#asked.length > 0);
  }

  async give(line) {
    await this.question();
    this.#asked.shift().resolve(line);
  }

  async answer(line) {
    await this.question();
    const length = this.said.length;
    const start = performance.now();
    this.give(line);
    await this.until(() => this.said.length > length);
    return performance.now() - start;
  }

  /** Refuse the question with this error. */
  async refuse(error) {
    await this.question();
    this.#asked.shift().reject(error);
  }

  #wake() {
    for (const waker of this.#wakers.splice(0)) waker();
  }
}
