# A console script, with no word about the web. `python guess.py` in a terminal does the same.

from random import randint

secret = randint(1, 20)
print("I have a number from 1 to 20 in mind.")

while True:
    try:
        guess = input("Your guess: ")
    except EOFError:
        print("\nNo more guesses? It was", secret)
        break
    if not guess.strip().isdigit():
        print("Digits, please.")
    elif int(guess) == secret:
        print("Right!")
        break
    else:
        print("More." if int(guess) < secret else "Less.")
