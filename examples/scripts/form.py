# A form, and what was sent: text that starts with `<` goes to the browser as the HTML that it is.

from html import escape

from _page import top

from hangerd import request, wait

print(top("A form"))

if request.method == b"POST":
    fields = wait(request.form())
    name = fields.get("name", [""])[0].strip() or "nobody"
    drink = fields.get("drink", ["water"])[0]
    print(f'<p role="status" class="card">One {escape(drink)} for {escape(name)}, coming up.</p>')

print("""
<form method="post" class="form">
  <label>Name <input name="name" autocomplete="name" required></label>
  <label>Drink <select name="drink"><option>tea<option>coffee<option>water</select></label>
  <button>Order</button>
</form>""")
